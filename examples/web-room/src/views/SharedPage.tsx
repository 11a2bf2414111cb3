import { useEffect, useState } from "preact/hooks";
import { type Client, type Dashboard, type Shown, VizroomError } from "@vizroom/client";
import { connection } from "../connection";
import { formatMoment } from "../format";
import { path } from "../route";
import { lookOf } from "../theme";
import { chips } from "../room/filter";
import { allRows } from "../room/rows";
import { Corner } from "./Header";
import { Icon } from "./Icon";
import { PlainCard } from "./PlainCard";
import { PrintButton } from "./PrintButton";
import { SkeletonCard } from "./Skeleton";
import { sentence, useAnswer } from "./work";

/** A dashboard that somebody has shared, for whoever is not in its room: as it is, without the room's talk. */
export default function SharedPage({ client, id }: { client: Client; id: string }) {
  const { answer: whole, problem: refused, again } = useAnswer(() => client.call("dashboard.get", { dashboard_id: id }), [client, id]);
  const [shown, setShown] = useState<Shown>();
  const [hidden, setHidden] = useState(false);
  const answer = whole && (shown && shown.revision >= whole.revision ? { ...whole, ...shown } : whole);
  const problem = hidden ? new VizroomError("NOT_FOUND", "This dashboard is not shared with you any more.") : refused;
  useFollowed(client, id, setShown, () => setHidden(true));
  const title = answer?.title;
  useEffect(() => {
    if (title) document.title = `${title} · vizroom`;
    return () => void (document.title = "vizroom");
  }, [title]);
  const missing = problem instanceof VizroomError && problem.code === "NOT_FOUND";
  return (
    <div class="page">
      <header class="top">
        <div class="top-left">
          <a class="icon-button" href={path({ page: "rooms" })} aria-label="All rooms" title="All rooms"><Icon name="back" /></a>
          <h1 class="room-title"><span class="room-title-text" title={title}>{title ?? ""}</span></h1>
        </div>
        <Corner>{answer && <PrintButton />}{answer && <button class="invite" onClick={again}><Icon name="retry" /><span>As of {formatMoment(answer.updated_at)}</span></button>}</Corner>
      </header>
      {problem ? (
        <main class="empty full">
          <Icon name="question" size={32} />
          <h1>{missing ? "This dashboard is not shared with you" : "This dashboard cannot be shown"}</h1>
          <p class="muted">{missing ? "It was deleted, or whoever shared it took that back." : sentence(problem)}</p>
          {missing ? <a class="button" href={path({ page: "rooms" })}>Back to your rooms</a> : <button onClick={again}>Try again</button>}
        </main>
      ) : (
        <main class="board-scroll"><div class="board-width">{answer ? <Cards dashboard={answer} /> : <Loading />}</div></main>
      )}
    </div>
  );
}

/** Has the connection told of the dashboard as long as it is looked at. */
function useFollowed(client: Client, id: string, show: (shown: Shown) => void, hide: () => void): void {
  const about = { dashboard_id: id };
  const live = connection.value.state === "live";
  useEffect(() => {
    const deaf = [
      client.on("dashboard.shown", (shown) => shown.id === id && show(shown)),
      client.on("dashboard.hidden", ({ dashboard_id }) => dashboard_id === id && hide()),
    ];
    return () => {
      deaf.forEach((stop) => stop());
      client.call("dashboard.unfollow", about).catch(() => {});
    };
  }, [client, id]);
  // What is followed ends with the connection. Whoever may not see it is told so by the question for it.
  useEffect(() => {
    if (live) client.call("dashboard.follow", about).catch(() => {});
  }, [client, id, live]);
}

function Cards({ dashboard }: { dashboard: Dashboard }) {
  const places = new Map(dashboard.layout.items.map((item) => [item.key, item]));
  const filter = chips(dashboard.filter_state);
  return (
    <article class="board" data-look={lookOf(dashboard.theme)} data-testid="dashboard" data-status={dashboard.status}>
      {dashboard.description && <p class="muted">{dashboard.description}</p>}
      {filter.length > 0 && <p class="hint">Filtered by its room: {filter.map(({ label, text }) => `${label} ${text}`).join(", ")}</p>}
      <div class={`grid ${places.size > 0 ? "placed" : "flowing"}`}>
        {dashboard.cards.map((card) => <PlainCard key={card.key} card={card} place={places.get(card.key)} theme={dashboard.theme} rows={() => allRows(dashboard.id, card)} />)}
      </div>
      {dashboard.cards.length === 0 && <div class="empty"><Icon name="board" size={28} /><p class="muted">There is nothing on this dashboard yet.</p></div>}
    </article>
  );
}

function Loading() {
  return (
    <div class="grid flowing" role="status" aria-busy="true" aria-label="Loading">
      {[0, 1, 2, 3].map((index) => <SkeletonCard key={index} index={index} />)}
    </div>
  );
}
