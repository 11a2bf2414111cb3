import { useEffect, useState } from "preact/hooks";
import { VizroomError, type Role, type User } from "@vizroom/client";
import { formatCount } from "../format";
import { message } from "../http";
import { path } from "../route";
import type { RoomState } from "../room/state";
import { say } from "../toast";
import { Dialog } from "./Dialog";
import { initials } from "./Header";
import { Icon } from "./Icon";

const SHOWN_MAX = 4;
/** A page out of sight for this long means: not here. */
const AWAY_MS = 60_000;
/** While the members are in view, this often: does everybody hear what is told? */
const READERS_MS = 5_000;

/** Who is here, and a way to bring in others. */
export function People({ room, me }: { room: RoomState; me: User }) {
  const [inviting, setInviting] = useState(false);
  // Oneself last: where there is room for few, the others matter.
  const here = [...room.presence.value].sort((a, b) => Number(a.user_id === me.id) - Number(b.user_id === me.id));
  useEffect(() => tellWhenAway(room), [room]);
  return (
    <>
      <div class="people" data-testid="presence" data-count={here.length} role="group" aria-label={`Here now: ${here.map((one) => one.name).join(", ") || "nobody"}`}>
        {here.slice(0, SHOWN_MAX).map((one) => (
          <span key={one.user_id} class="avatar" data-status={one.status} data-hue={hue(one.user_id)} data-testid="presence-user"
            data-name={one.name} title={`${one.name}${one.user_id === me.id ? " (you)" : ""}${one.status === "active" ? "" : `, ${one.status}`}`}>
            {initials(one.name)}
          </span>
        ))}
        {here.length > SHOWN_MAX && <span class="avatar more">+{here.length - SHOWN_MAX}</span>}
      </div>
      {room.info.value?.role === "owner" && (
        <button class="invite" onClick={() => setInviting(true)} data-testid="invite"><Icon name="people" /><span>Invite</span></button>
      )}
      {inviting && <InviteDialog room={room} close={() => setInviting(false)} />}
    </>
  );
}

function InviteDialog({ room, close }: { room: RoomState; close: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [link, setLink] = useState<string>();
  const behind = useBehind(room);

  const invite = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    setLink(undefined);
    try {
      const { member, invitation } = await room.client.call("room.add_member", { room_id: room.id, email: email.trim(), role });
      if (member) {
        say(`${member.name} is in the room now`);
        setEmail("");
      } else if (invitation) setLink(location.origin + location.pathname + path({ page: "invitation", token: invitation.invitation }));
    } catch (error) {
      setProblem(error instanceof VizroomError && error.code === "CONFLICT" ? "They are a member already." : message(error));
    }
    setBusy(false);
  };

  return (
    <Dialog title="Members" close={close}>
      <form class="row" onSubmit={invite}>
        <input type="email" required aria-label="E-mail" placeholder="name@company.com" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
        <select aria-label="Role" value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
          <option value="editor">Editor</option>
          <option value="viewer">Viewer</option>
        </select>
        <button class="primary" disabled={busy}>Invite</button>
      </form>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {link && (
        <div class="note">
          <p>Send this link. It works once, and is not shown again.</p>
          <div class="row">
            <input readOnly value={link} aria-label="Invitation link" onFocus={(event) => event.currentTarget.select()} />
            <button onClick={() => void navigator.clipboard?.writeText(link).then(() => say("Copied"))}>Copy</button>
          </div>
        </div>
      )}
      <ul class="members">
        {room.members.value.map((member) => (
          <li key={member.user_id}>
            <span class="avatar" data-hue={hue(member.user_id)}>{initials(member.name)}</span>
            <span class="grow"><b>{member.name}</b><span class="muted">{member.email}</span></span>
            {behind.has(member.user_id) && <span class="muted" data-testid="behind">{formatCount(behind.get(member.user_id)!, "event")} behind</span>}
            <span class="badge">{member.role}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Whose connection does not keep up, and how many events it lacks. */
function useBehind(room: RoomState): Map<string, number> {
  const [behind, setBehind] = useState(new Map<string, number>());
  useEffect(() => {
    const look = async () => {
      const { readers } = await room.client.call("room.readers", { room_id: room.id });
      const lagging = readers.filter((one) => one.state === "blocked" || one.state === "behind");
      // Those furthest behind come first, and of several connections of one person the furthest counts.
      setBehind(new Map(lagging.reverse().map((one) => [one.user_id, one.lag_events])));
    };
    const quietly = () => void look().catch(() => {});
    quietly();
    const timer = setInterval(quietly, READERS_MS);
    return () => clearInterval(timer);
  }, [room]);
  return behind;
}

/** One of six colours, the same for a person everywhere. */
export function hue(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % 6;
}

function tellWhenAway(room: RoomState): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let away = false;
  const tell = (status: "active" | "away") => {
    away = status === "away";
    room.client.call("presence.update", { room_id: room.id, status }).catch(() => {});
  };
  const changed = () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") timer = setTimeout(() => tell("away"), AWAY_MS);
    else if (away) tell("active");
  };
  document.addEventListener("visibilitychange", changed);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", changed);
  };
}
