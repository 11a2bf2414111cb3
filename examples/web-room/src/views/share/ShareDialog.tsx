import type { PublicLink } from "@vizroom/client";
import type { RoomState } from "../../room/state";
import { say } from "../../toast";
import { Dialog } from "../Dialog";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";
import { Fresh } from "./Fresh";
import { LinkView } from "./LinkView";
import { NewLink } from "./NewLink";
import { SharedWith } from "./SharedWith";

interface Props {
  room: RoomState;
  id: string;
  close: () => void;
}

/** Who may see a dashboard without being in its room, and how fresh it is kept. */
export function ShareDialog({ room, id, close }: Props) {
  return (
    <Dialog title="Share" wide close={close}>
      <div class="share" data-testid="share-dialog">
        <Links room={room} id={id} />
        <SharedWith room={room} id={id} />
        <Fresh room={room} id={id} />
      </div>
    </Dialog>
  );
}

function Links({ room, id }: { room: RoomState; id: string }) {
  const { client } = room;
  const { answer, problem, again } = useAnswer(() => client.call("dashboard.links", { dashboard_id: id }), [id]);
  const deed = useWork();
  /** Does something, then shows how it stands. */
  const work = async (what: () => Promise<unknown>, said?: string): Promise<boolean> => {
    const well = await deed.work(what);
    if (well && said) say(said);
    again();
    return well;
  };
  const publish = (more: object) => client.call("dashboard.publish", { dashboard_id: id, ...more });
  const change = (link: PublicLink) => (more: object) => client.call("dashboard.change_link", { dashboard_id: id, link_id: link.id, ...more });
  if (problem) return <Failed problem={problem} again={again} />;
  if (!answer) return <Waiting />;
  const main = answer.links.find((link) => link.main);
  return (
    <section class="stack" aria-busy={deed.busy}>
      <h3>Whoever has a link</h3>
      <Problem text={deed.problem} />
      {!main && (
        <div class="row wrap">
          <p class="grow muted">{answer.links.length > 0 ? "The dashboard has no link of its own." : "Only the people in this room see this dashboard."}</p>
          <button class="primary" disabled={deed.busy} data-testid="publish" onClick={() => void work(() => publish({}))}>Publish</button>
        </div>
      )}
      {answer.links.map((link) => (
        <LinkView key={link.id} link={link} busy={deed.busy}
          change={(more, said) => void work(() => change(link)(more), said)}
          end={link.main
            ? ["Unpublish", () => void work(() => client.call("dashboard.unpublish", { dashboard_id: id }), "Nobody outside this room sees it any more")]
            : ["End this link", () => void work(() => client.call("dashboard.remove_link", { dashboard_id: id, link_id: link.id }), "The link leads nowhere now")]} />
      ))}
      <NewLink room={room} id={id} busy={deed.busy} add={(more) => work(() => client.call("dashboard.add_link", { dashboard_id: id, ...more }), "The link is ready")} />
    </section>
  );
}
