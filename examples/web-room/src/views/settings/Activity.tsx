import { useState } from "preact/hooks";
import { type Client, type User, VizroomError, type wire } from "@vizroom/client";
import { formatMoment } from "../../format";
import { Icon } from "../Icon";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";

const PAGE = 50;
/** Of so many rooms it is asked who is in them. */
const ROOMS_ASKED_MAX = 20;
/** What stands first of what an operation was about. */
const ORDER = ["user_id", "email", "name", "role", "room_id"];

/** What operations did, in words; what stands here is not must show under its own name. */
const WORDS: { [operation: string]: string } = {
  "account.register": "registered", "account.login": "signed in", "account.logout": "signed out",
  "account.invite": "invited", "account.revoke_invitation": "took an invitation back",
  "account.reset_password": "set a new password", "account.oauth_finish": "signed in by a provider",
  "room.create": "made a room", "room.delete": "deleted a room", "room.add_member": "added to a room",
  "room.remove_member": "removed from a room", "room.set_role": "changed a role", "room.resign": "left a room",
  "file.delete": "deleted a file", "file.link": "brought files to a room", "file.unlink": "took files out of a room",
  "data_connection.create": "added a database", "data_connection.update": "changed a database", "data_connection.delete": "deleted a database",
  "key.create": "made an API key", "key.revoke": "revoked an API key",
  "dashboard.share": "shared a dashboard", "dashboard.unshare": "stopped sharing a dashboard",
  "dashboard.delete": "deleted a dashboard", "dashboard.publish": "published a dashboard",
  "dashboard.unpublish": "unpublished a dashboard", "dashboard.add_link": "added a public link",
  "dashboard.change_link": "changed a public link", "dashboard.remove_link": "ended a public link",
};

/** Who did what; for whoever registered the team. */
export function Activity({ client, me }: { client: Client; me: User }) {
  const { answer, setAnswer, problem, again } = useAnswer(() => client.call("audit.list", { limit: PAGE }), [client]);
  const known = useAnswer(() => acquaintances(client), [client]);
  const { busy, problem: trouble, work } = useWork();
  const [filter, setFilter] = useState("");
  if (problem instanceof VizroomError && problem.code === "FORBIDDEN") {
    return (
      <section class="panel empty" data-testid="not-allowed">
        <Icon name="list" size={24} />
        <p class="muted">Only whoever registered your team sees what was done in it.</p>
      </section>
    );
  }
  if (problem) return <section class="panel stack"><h2>Activity</h2><Failed problem={problem} again={again} /></section>;
  if (!answer) return <section class="panel stack"><h2>Activity</h2><Waiting lines={6} /></section>;

  const names = new Map([...whoIsWho(answer.lines), ...(known.answer?.people ?? []), [me.id, "You"]]);
  const earlier = () => work(async () => {
    const page = await client.call("audit.list", { limit: PAGE, before: answer.lines.at(-1)!.id });
    setAnswer({ lines: [...answer.lines, ...page.lines], more: page.more });
  });
  const shown = answer.lines.filter((line) => !filter || line.operation.startsWith(filter));
  return (
    <section class="panel stack">
      <div class="row wrap">
        <h2 class="grow">Activity</h2>
        <select aria-label="About" value={filter} onChange={(event) => setFilter(event.currentTarget.value)}>
          <option value="">Everything</option>
          {["account", "room", "file", "dashboard", "key"].map((noun) => <option key={noun} value={`${noun}.`}>{noun}s</option>)}
        </select>
      </div>
      <p class="hint">Sign-ins, deletions and whatever changed who may do what, newest first.</p>
      {shown.length === 0 ? <p class="muted">Nothing of that kind{answer.more ? " among the newest" : ""}.</p> : (
        <ol class="lines" data-testid="audit">
          {shown.map((line) => <LineView key={line.id} line={line} names={names} rooms={known.answer?.rooms} />)}
        </ol>
      )}
      <Problem text={trouble} />
      {answer.more && <button class="centred" disabled={busy} data-testid="audit-more" onClick={() => void earlier()}>{busy ? "One moment…" : "Earlier"}</button>}
    </section>
  );
}

interface LineProps {
  line: wire.Line;
  names: ReadonlyMap<string, string>;
  rooms: ReadonlyMap<string, string> | undefined;
}

function LineView({ line, names, rooms }: LineProps) {
  const failed = line.outcome !== "ok";
  const place = (field: string) => ORDER.indexOf(field) >>> 0;
  const about = Object.entries(line.target).sort(([a], [b]) => place(a) - place(b)).map(([field, value]) => {
    if (field === "room_id") return rooms?.get(value) ?? `a room (…${value.slice(-4)})`;
    if (field === "user_id") return names.get(value) ?? `somebody (…${value.slice(-4)})`;
    return /^[0-9a-f-]{36}$/.test(value) ? undefined : value;
  });
  return (
    <li class="audit-line" data-testid="audit-line" data-operation={line.operation}>
      <time dateTime={line.ts} title={line.ts}>{formatMoment(line.ts)}</time>
      <span class="grow">
        <b>{line.user_id ? names.get(line.user_id) ?? `Somebody (…${line.user_id.slice(-4)})` : "Somebody not signed in"}</b>{" "}
        {failed && "tried: "}<span title={line.operation}>{WORDS[line.operation] ?? line.operation}</span>
        {about.some(Boolean) && <span class="muted"> · {about.filter(Boolean).join(", ")}</span>}
      </span>
      {failed && <span class="badge bad">{line.outcome.toLowerCase().replaceAll("_", " ")}</span>}
      {line.remote && <span class="hint mono">{line.remote}</span>}
    </li>
  );
}

/** Names of one's own rooms, and of who is in the newest of them. */
async function acquaintances(client: Client) {
  const { rooms } = await client.call("room.list", {});
  const newest = await Promise.all(rooms.slice(0, ROOMS_ASKED_MAX).map(({ id }) => client.call("room.status", { room_id: id })));
  const people = newest.flatMap(({ members }) => members.map(({ user_id, name }): [string, string] => [user_id, name]));
  return { rooms: new Map(rooms.map(({ id, name }) => [id, name])), people: new Map(people) };
}

/** Operations that name the address of whoever called them. */
const BY_THEMSELVES = new Set(["account.register", "account.login", "account.logout", "account.oauth_finish"]);

/** Addresses of those who have signed in, as the log has them. */
function whoIsWho(lines: wire.Line[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { operation, user_id, target } of lines) {
    if (user_id && target["email"] && BY_THEMSELVES.has(operation)) names.set(user_id, target["email"]);
  }
  return names;
}
