import { useEffect, useState } from "preact/hooks";
import type { Card, Shown } from "@vizroom/client";
import type { Pick } from "../chart/pick";
import { formatDay, formatMoment } from "../format";
import { picked, type FilterState } from "../room/filter";
import { look, lookOf, toggleLook } from "../theme";
import { complain } from "../toast";
import { connection } from "../connection";
import { enter, filter, narrow, narrowed, retryNow, shown, standing } from "../view";
import { Chips } from "./Filters";
import { Icon } from "./Icon";
import { PlainCard } from "./PlainCard";
import { PrintButton } from "./PrintButton";
import { SkeletonCard } from "./Skeleton";

/** A published dashboard, for whoever has its link. */
export function PublicPage() {
  const at = standing.value;
  const dashboard = narrowed.value ?? shown.value;
  const title = dashboard?.title;
  useEffect(() => void (document.title = title ?? "Dashboard"), [title]);
  if (at.state === "password") return <Password problem={at.problem} />;
  if (at.state === "ended") return <Ended before={at.before} />;
  if (at.state === "refused") return <Notice icon="warn" title="This dashboard cannot be shown now" text={at.problem} />;
  return (
    <div class="public">
      <header class="top">
        <h1 class="room-title">{title ?? <span class="skeleton title-skeleton" />}</h1>
        <div class="corner">
          <Freshness at={dashboard?.refreshed_at ?? dashboard?.updated_at} />
          {dashboard && <PrintButton />}
          <LookButton />
        </div>
      </header>
      <main class="board-width">
        {dashboard ? <Board dashboard={dashboard} /> : (
          <div class="grid flowing" role="status" aria-busy="true" aria-label="Loading">
            {[0, 1, 2, 3].map((index) => <SkeletonCard key={index} index={index} />)}
          </div>
        )}
      </main>
    </div>
  );
}

function Board({ dashboard }: { dashboard: Shown }) {
  const places = new Map(dashboard.layout.items.map((item) => [item.key, item]));
  const pending = Object.keys(filter.value).length > 0 && narrowed.value?.filter_state !== filter.value
    && JSON.stringify(narrowed.value?.filter_state) !== JSON.stringify(filter.value);
  return (
    <article class="board" data-look={lookOf(dashboard.theme)} data-testid="dashboard" data-status={dashboard.status} data-revision={dashboard.revision}>
      {dashboard.description && <p class="muted">{dashboard.description}</p>}
      <Filters may={dashboard.filter_columns.length > 0} />
      <div class={`grid ${places.size > 0 ? "placed" : "flowing"}`} data-pending={pending}>
        {dashboard.cards.map((card) => (
          <PlainCard key={card.key} card={card} place={places.get(card.key)} theme={dashboard.theme} click={(pick) => pickOn(dashboard, card, pick)} />
        ))}
      </div>
      {dashboard.cards.length === 0 && <div class="empty"><Icon name="board" size={28} /><p class="muted">There is nothing on this dashboard yet.</p></div>}
    </article>
  );
}

/** Filters by what was picked on a card, as far as the link allows. */
function pickOn(dashboard: Shown, card: Card, pick: Pick) {
  if (dashboard.filter_columns.length === 0) return;
  put(Object.fromEntries(Object.entries(picked(filter.peek(), card, pick)).filter(([key]) => dashboard.filter_columns.includes(key))));
}

function put(state: FilterState) {
  narrow(state).catch(complain);
}

/** `may`: whether the link lets its viewers filter. */
function Filters({ may }: { may: boolean }) {
  const some = Object.keys(filter.value).length > 0;
  if (!some && !may) return null;
  return (
    <div class="chips filters" role="group" aria-label="Your filters">
      <Icon name="filter" />
      {some
        ? <Chips state={filter.value} change={put} clear={() => put({})} />
        : <span class="hint">Click a mark to filter by it, or drag for a range. Only you see that.</span>}
    </div>
  );
}

/** Whether what is shown is live, and how old it is. */
function Freshness({ at }: { at: string | null | undefined }) {
  const { state } = connection.value;
  const when = formatMoment(at ?? undefined);
  const lost = state === "reconnecting" || state === "offline";
  return (
    <span class="pill" data-testid="connection" data-state={state} role="status" title={at ? `Data as of ${formatDay(at)}, ${when}` : undefined}>
      <span class="dot" /><span class="pill-text">{lost ? "Reconnecting…" : when ? `As of ${when}` : "Live"}</span>
      {lost && <button class="link" onClick={retryNow}>Now</button>}
    </span>
  );
}

function LookButton() {
  const dark = look.value === "dark";
  return (
    <button class="icon-button" aria-label={dark ? "Light theme" : "Dark theme"} title={dark ? "Light theme" : "Dark theme"}
      data-testid="look" onClick={toggleLook}><Icon name={dark ? "sun" : "moon"} /></button>
  );
}

function Password({ problem }: { problem: string | undefined }) {
  const [busy, setBusy] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    const given = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    void enter(given).finally(() => setBusy(false));
  };
  return (
    <main class="door">
      <form class="door-card stack" onSubmit={submit}>
        <h1>This dashboard is protected</h1>
        <p class="muted">Whoever gave you the link knows its password.</p>
        <label class="field">Password
          <input name="password" type="password" required autofocus autocomplete="current-password" data-testid="password" />
        </label>
        {problem && <p class="problem" role="alert">{problem}</p>}
        <button class="primary wide" disabled={busy} data-testid="enter">{busy ? "One moment…" : "Open"}</button>
      </form>
    </main>
  );
}

function Ended({ before }: { before: boolean }) {
  return (
    <Notice icon="link" title={before ? "This link has ended" : "Nothing here"}
      text={before ? "The dashboard is no longer shared under this address." : "This link has ended, or never led anywhere. Ask whoever gave it to you for a new one."} />
  );
}

function Notice({ icon, title, text }: { icon: "warn" | "link"; title: string; text: string }) {
  return (
    <main class="door" data-testid="notice">
      <section class="door-card">
        <Icon name={icon} size={28} />
        <h1>{title}</h1>
        <p class="muted" role="status">{text}</p>
      </section>
    </main>
  );
}
