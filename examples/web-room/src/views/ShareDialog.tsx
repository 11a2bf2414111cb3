import { useEffect, useState } from "preact/hooks";
import type { DashboardRefresh, PublicLink } from "@vizroom/client";
import { message } from "../http";
import { chips, type FilterState } from "../room/filter";
import type { RoomState } from "../room/state";
import { say } from "../toast";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";

interface Props {
  room: RoomState;
  id: string;
  close: () => void;
}

/** Who may see a dashboard without being in its room, and how fresh it is kept. */
export function ShareDialog({ room, id, close }: Props) {
  const [links, setLinks] = useState<PublicLink[]>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { client } = room;

  /** Does something, then shows how it stands. */
  const work = async (what: () => Promise<unknown>, said?: string) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await what();
      setLinks((await client.call("dashboard.links", { dashboard_id: id })).links);
      if (said) say(said);
    } catch (error) {
      setProblem(message(error));
    }
    setBusy(false);
  };
  useEffect(() => void work(async () => {}), [id]);

  const main = links?.find((link) => link.main);
  const others = links?.filter((link) => !link.main) ?? [];
  const state = room.boards.value.get(id)?.dashboard?.filter_state ?? {};
  const publish = (more: object) => client.call("dashboard.publish", { dashboard_id: id, ...more });
  return (
    <Dialog title="Share" wide close={close}>
      <div class="stack share" aria-busy={busy} data-testid="share-dialog">
        {problem && <p class="problem" role="alert">{problem}</p>}
        {links && !main && (
          <div class="row">
            <p class="grow muted">Only the people in this room see this dashboard.</p>
            <button class="primary" disabled={busy} data-testid="publish" onClick={() => void work(() => publish({}))}>Publish</button>
          </div>
        )}
        {main && (
          <LinkView link={main} busy={busy} about="Whoever has this link sees the dashboard, live."
            change={(more, said) => void work(() => publish(more), said)}
            end={["Unpublish", () => void work(() => client.call("dashboard.unpublish", { dashboard_id: id }), "Nobody outside this room sees it any more")]} />
        )}
        {others.map((link) => (
          <LinkView key={link.id} link={link} busy={busy} about={limits(link.filter_state)}
            change={(more, said) => void work(() => client.call("dashboard.change_link", { dashboard_id: id, link_id: link.id, ...more }), said)}
            end={["End this link", () => void work(() => client.call("dashboard.remove_link", { dashboard_id: id, link_id: link.id }))]} />
        ))}
        {links && <NewLink state={state} busy={busy} add={(more) => void work(() => client.call("dashboard.add_link", { dashboard_id: id, ...more }))} />}
        <Fresh room={room} id={id} />
      </div>
    </Dialog>
  );
}

function limits(state: FilterState): string {
  const all = chips(state).map((chip) => `${chip.label} ${chip.text}`);
  return all.length > 0 ? `Shows only rows with ${all.join(", ")}.` : "Shows all rows.";
}

interface LinkProps {
  link: PublicLink;
  about: string;
  busy: boolean;
  change: (more: { password?: string | null; expires_at?: string | null }, said: string) => void;
  end: [string, () => void];
}

function LinkView({ link, about, busy, change, end: [label, end] }: LinkProps) {
  // The server may be known by another name here than it knows itself.
  const url = `${location.origin}/public/dashboards/${link.slug}`;
  const copy = () => void navigator.clipboard?.writeText(url).then(() => say("Copied"));
  const setPassword = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    change({ password: String(new FormData(form).get("password")) }, "The password is set; who came without it is out");
    form.reset();
  };
  return (
    <section class="share-link stack" data-testid="link" data-main={link.main} aria-label={link.name || "Public link"}>
      {link.name && <h3>{link.name}</h3>}
      <div class="row">
        <input class="grow" readOnly value={url} aria-label="Address" data-testid="public-url" onFocus={(event) => event.currentTarget.select()} />
        <button onClick={copy} data-testid="copy-link"><Icon name="link" />Copy</button>
      </div>
      <p class="hint">{about}</p>
      <form class="row" onSubmit={setPassword}>
        <input class="grow" name="password" type="password" required maxLength={256} autocomplete="new-password" data-testid="link-password"
          aria-label="Password" placeholder={link.has_password ? "Another password" : "Ask for a password"} />
        <button disabled={busy} data-testid="set-password">Set</button>
        {link.has_password && (
          <button type="button" disabled={busy} onClick={() => change({ password: null }, "No password is needed any more")}>Remove</button>
        )}
      </form>
      <div class="row">
        <label class="row grow">Ends
          <input type="datetime-local" value={link.expires_at ? local(link.expires_at) : ""} aria-label="Ends at" disabled={busy}
            onChange={(event) => change({ expires_at: event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null }, "Saved")} />
        </label>
        <button class="bad" disabled={busy} data-testid={link.main ? "unpublish" : "end-link"} onClick={end}>{label}</button>
      </div>
    </section>
  );
}

/** As `datetime-local` wants it. */
function local(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Another link, which may be limited to what the room has filtered to. */
function NewLink({ state, busy, add }: { state: FilterState; busy: boolean; add: (more: { name: string; filter_state: FilterState }) => void }) {
  const filtered = Object.keys(state).length > 0;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    add({ name: String(data.get("name")).trim(), filter_state: data.get("limited") ? state : {} });
    form.reset();
  };
  return (
    <details>
      <summary>Another link</summary>
      <form class="stack" onSubmit={submit}>
        <p class="hint">With an address, a password and an end of its own{filtered ? "" : ". To limit it to some rows, filter the dashboard first"}.</p>
        <div class="row">
          <input class="grow" name="name" maxLength={100} placeholder="For whom" aria-label="For whom" data-testid="link-name" />
          <button disabled={busy} data-testid="add-link"><Icon name="plus" />Add</button>
        </div>
        {filtered && <label class="row"><input type="checkbox" name="limited" checked />{limits(state)}</label>}
      </form>
    </details>
  );
}

const INTERVALS: [number, string][] = [[0, "Only when asked"], [300, "Every 5 minutes"], [900, "Every 15 minutes"], [3600, "Every hour"], [86400, "Every day"]];

/** How often the data is queried again. */
function Fresh({ room, id }: { room: RoomState; id: string }) {
  const [refresh, setRefresh] = useState<DashboardRefresh>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const work = (what: Promise<DashboardRefresh>) => {
    setBusy(true);
    setProblem(undefined);
    what.then(setRefresh, (error) => setProblem(message(error))).finally(() => setBusy(false));
  };
  useEffect(() => work(room.client.call("dashboard.refresh_settings", { dashboard_id: id })), [id]);
  const choose = (interval: number) =>
    work(room.client.call("dashboard.set_refresh", { dashboard_id: id, enabled: interval > 0, ...(interval > 0 && { interval }) }));
  const last = refresh?.last_refreshed_at && new Date(refresh.last_refreshed_at).toLocaleString();
  return (
    <section class="stack" aria-busy={busy}>
      <div class="row">
        <label class="row grow">Refresh
          <select value={refresh?.enabled ? refresh.interval : 0} disabled={busy} data-testid="refresh-interval"
            onChange={(event) => choose(Number(event.currentTarget.value))}>
            {INTERVALS.map(([seconds, label]) => <option key={seconds} value={seconds}>{label}</option>)}
          </select>
        </label>
        <button disabled={busy} data-testid="refresh-now" onClick={() => work(room.client.call("dashboard.refresh", { dashboard_id: id }))}>
          <Icon name="retry" />Now
        </button>
      </div>
      <p class="hint">{last ? `Refreshed ${last}.` : "Not refreshed yet."}{refresh?.last_error ? ` The last attempt failed: ${refresh.last_error}` : ""}</p>
      {problem && <p class="problem" role="alert">{problem}</p>}
    </section>
  );
}
