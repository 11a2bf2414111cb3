import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "@vizroom/client";
import { message } from "../http";
import { connection } from "../connection";
import type { RoomState } from "../room/state";
import type { Unsent } from "../room/talk";
import { complain } from "../toast";
import { Icon } from "./Icon";
import { CONTENT_MAX, Said } from "./Said";

/** A typing sign is repeated at most this often. */
const TYPING_EVERY_MS = 3_000;

export function Chat({ room, me }: { room: RoomState; me: User }) {
  const [unsent, setUnsent] = useState<Unsent[]>([]);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lines = room.lines.value;

  // New messages keep the newest in sight, unless one is reading further up.
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines, unsent, room.typing.value]);

  const send = async (text: string, again?: Unsent) => {
    const one: Unsent = again ? { ...again, failed: undefined } : { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), text, failed: undefined };
    setUnsent((all) => [...all.filter(({ key }) => key !== one.key), one]);
    atEnd.current = true;
    try {
      await room.client.call("chat.send", { room_id: room.id, content: text }, { idempotencyKey: one.key });
      setUnsent((all) => all.filter(({ key }) => key !== one.key));
    } catch (error) {
      setUnsent((all) => all.map((other) => (other.key === one.key ? { ...other, failed: message(error) } : other)));
    }
  };

  return (
    <aside class="chat" aria-label="Conversation">
      <div class="chat-lines" ref={list} role="log" aria-live="polite" tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
        }}>
        {room.earlier.value && <button class="link earlier" onClick={() => void room.loadEarlier().catch(complain)}>Earlier messages</button>}
        {lines.length === 0 && unsent.length === 0 && (
          <div class="empty"><Icon name="chat" size={24} /><p class="muted">Nothing said yet. What happens in the room appears here too.</p></div>
        )}
        {lines.map((line, index) => <Said key={line.id} room={room} line={line} before={lines[index - 1]} me={me} />)}
        {unsent.map((one) => (
          <div key={one.key} class="message mine unsent">
            <p class="bubble">{one.text}</p>
            {!one.failed && connection.value.state !== "live" && <p class="hint">Goes out when the connection is back</p>}
            {one.failed && <p class="problem">{one.failed} <button class="link" onClick={() => void send(one.text, one)}>Send again</button></p>}
          </div>
        ))}
      </div>
      <Typing room={room} />
      <Composer room={room} send={(text) => void send(text)} />
    </aside>
  );
}

function Typing({ room }: { room: RoomState }) {
  const names = [...room.typing.value].map((id) => room.presence.value.find((one) => one.user_id === id)?.name ?? "Somebody");
  const who = names.length > 2 ? "Several people are" : `${names.join(" and ")} ${names.length === 1 ? "is" : "are"}`;
  return <p class="typing" aria-live="polite">{names.length > 0 && <><span class="dots"><i /><i /><i /></span>{who} typing</>}</p>;
}

function Composer({ room, send }: { room: RoomState; send: (text: string) => void }) {
  const [text, setText] = useState("");
  const told = useRef(0);
  const tell = (typing: boolean) => {
    const now = Date.now();
    if (typing ? now - told.current < TYPING_EVERY_MS : told.current === 0) return;
    told.current = typing ? now : 0;
    room.client.call("presence.update", { room_id: room.id, typing }).catch(() => {});
  };
  useEffect(() => () => tell(false), []);
  const submit = () => {
    const content = text.trim();
    if (!content) return;
    send(content);
    setText("");
    told.current = 0;
  };
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <textarea aria-label="Message" placeholder="Message" rows={1} maxLength={CONTENT_MAX} value={text} data-testid="chat-input"
        onInput={(event) => { setText(event.currentTarget.value); tell(event.currentTarget.value !== ""); }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }} onBlur={() => tell(false)} />
      <button class="icon-button filled" aria-label="Send" disabled={!text.trim()} data-testid="chat-send"><Icon name="send" /></button>
    </form>
  );
}
