import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "@vizroom/client";
import { formatMoment } from "../format";
import type { RoomState } from "../room/state";
import type { Line } from "../room/talk";
import { Avatar } from "./Avatar";
import { Confirm } from "./Confirm";
import { Icon } from "./Icon";
import { Problem, useWork } from "./work";

export const CONTENT_MAX = 16_000;
/** Two messages of one person within this time stand together. */
const TOGETHER_MS = 300_000;

interface Props {
  room: RoomState;
  line: Line;
  before: Line | undefined;
  me: User;
}

/** A line of the conversation; one's own words can be changed and taken back. */
export function Said({ room, line, before, me }: Props) {
  const [state, setState] = useState<"editing" | "asking">();
  const { actor, text, ts } = line;
  const mine = actor?.id === me.id;
  const name = mine ? "You" : (actor?.name ?? "Somebody");
  if (line.kind === "activity") return <p class="activity"><b>{name}</b> {text}</p>;
  const gap = Date.parse(ts ?? "") - Date.parse(before?.ts ?? "");
  const follows = before?.kind === "message" && before.actor?.id === actor?.id && gap < TOGETHER_MS;
  const done = () => setState(undefined);
  const take = async () => {
    await room.client.call("chat.delete", { room_id: room.id, seq: line.seq! });
    done();
  };
  return (
    <div class={`message ${mine ? "mine" : ""} ${follows ? "follows" : ""}`} data-testid="chat-message">
      {!follows && (
        <header>
          <Avatar small name={actor?.name ?? "?"} hue={room.hue(actor?.id ?? "")} />
          <b>{name}</b>
          {actor?.kind === "agent" && <span class="badge">agent</span>}
          <time dateTime={ts}>{formatMoment(ts)}</time>
        </header>
      )}
      {line.deleted && <p class="gone" data-testid="message-gone">Message deleted</p>}
      {!line.deleted && state === "editing" && <Edit room={room} line={line} done={done} />}
      {!line.deleted && state !== "editing" && (
        <>
          <p class="bubble">{text}</p>
          {line.edited && <span class="hint edited" data-testid="message-edited">edited</span>}
          <Choices mine={mine} owner={room.info.value?.role === "owner"} line={line} choose={setState} />
        </>
      )}
      {state === "asking" && !line.deleted && (
        <Confirm title="Delete this message?" label="Delete" run={take} close={done}>
          <blockquote>{text.length > 200 ? `${text.slice(0, 200)}…` : text}</blockquote>
          <p>Nobody can read it any more then. That {mine ? "you have" : `${name} has`} said something still shows.</p>
        </Confirm>
      )}
    </div>
  );
}

interface ChoicesProps {
  mine: boolean;
  owner: boolean;
  line: Line;
  choose: (what: "editing" | "asking") => void;
}

/** An author changes and takes back, an owner of the room only takes back. */
function Choices({ mine, owner, line, choose }: ChoicesProps) {
  if ((!mine && !owner) || line.seq == null) return null;
  const about = `“${line.text.slice(0, 40)}”`;
  return (
    <span class="message-tools" role="group" aria-label={`What to do with ${about}`}>
      {mine && (
        <button class="icon-button small" aria-label={`Edit ${about}`} title="Edit" data-testid="message-edit" onClick={() => choose("editing")}>
          <Icon name="edit" size={14} />
        </button>
      )}
      <button class="icon-button small" aria-label={`Delete ${about}`} title="Delete" data-testid="message-delete" onClick={() => choose("asking")}>
        <Icon name="trash" size={14} />
      </button>
    </span>
  );
}

/** Enter saves, Escape leaves it as it was. */
function Edit({ room, line, done }: { room: RoomState; line: Line; done: () => void }) {
  const [text, setText] = useState(line.text);
  const { busy, problem, work } = useWork();
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    // Behind the last word.
    field.current?.setSelectionRange(line.text.length, line.text.length);
  }, []);
  const save = async () => {
    const content = text.trim();
    if (!content || busy) return;
    if (content === line.text) return done();
    if (await work(() => room.client.call("chat.edit", { room_id: room.id, seq: line.seq!, content }))) done();
  };
  return (
    <form class="edit" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <textarea aria-label="Your message" rows={1} maxLength={CONTENT_MAX} value={text} data-testid="message-text"
        ref={field}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") done();
          else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void save();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }} />
      <Problem text={problem} />
      <div class="row end">
        <button type="button" class="link" onClick={done}>Cancel</button>
        <button class="link" disabled={busy || !text.trim()} data-testid="message-save">Save</button>
      </div>
    </form>
  );
}
