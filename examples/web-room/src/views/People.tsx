import { useEffect, useState } from "preact/hooks";
import type { User } from "@vizroom/client";
import type { RoomState } from "../room/state";
import { initials } from "./Avatar";
import { Icon } from "./Icon";
import { MembersDialog } from "./MembersDialog";

const SHOWN_MAX = 4;
/** A page out of sight for this long means: not here. */
const AWAY_MS = 60_000;

/** Who is here, and a way to those who may be. */
export function People({ room, me }: { room: RoomState; me: User }) {
  const [open, setOpen] = useState(false);
  // Oneself last: where there is room for few, the others matter.
  const here = [...room.presence.value].sort((a, b) => Number(a.user_id === me.id) - Number(b.user_id === me.id));
  useEffect(() => tellWhenAway(room), [room]);
  return (
    <>
      <div class="people" data-testid="presence" data-count={here.length} role="group" aria-label={`Here now: ${here.map((one) => one.name).join(", ") || "nobody"}`}>
        {here.slice(0, SHOWN_MAX).map((one) => (
          <span key={one.user_id} class="avatar" data-status={one.status} data-hue={room.hue(one.user_id)} data-testid="presence-user"
            data-name={one.name} title={`${one.name}${one.user_id === me.id ? " (you)" : ""}${one.status === "active" ? "" : `, ${one.status}`}`}>
            {initials(one.name)}
          </span>
        ))}
        {here.length > SHOWN_MAX && <span class="avatar more">+{here.length - SHOWN_MAX}</span>}
      </div>
      <button class="invite" title="Members" onClick={() => setOpen(true)} data-testid="members">
        <Icon name="people" /><span>{room.info.value?.role === "owner" ? "Invite" : "Members"}</span>
      </button>
      {open && <MembersDialog room={room} me={me} close={() => setOpen(false)} />}
    </>
  );
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
