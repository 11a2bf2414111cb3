import { useEffect, useRef, useState } from "preact/hooks";
import { refine } from "../room/actions";
import type { RoomState } from "../room/state";
import { Icon } from "./Icon";

const FEEDBACK_MAX = 4_000;

/** The card a refinement is about. */
export interface Target {
  key: string;
  title: string;
}

interface Props {
  room: RoomState;
  id: string;
  target: Target | undefined;
  clearTarget: () => void;
  busy: boolean;
}

/** Changes the dashboard in view by a sentence. */
export function RefineBox({ room, id, target, clearTarget, busy }: Props) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (target) input.current?.focus();
  }, [target]);

  const submit = async (event: Event) => {
    event.preventDefault();
    const sentence = text.trim();
    if (!sentence || busy) return;
    setText("");
    if (await refine(room, id, sentence, target?.key)) clearTarget();
    // What was not understood may be put another way.
    else setText((now) => now || sentence);
  };

  return (
    <form class="refine" onSubmit={submit}>
      <Icon name="edit" />
      {target && (
        <span class="chip on" data-testid="refine-target">
          <span>{target.title}</span>
          <button type="button" aria-label="Refine the whole dashboard instead" onClick={clearTarget}><Icon name="close" size={12} /></button>
        </span>
      )}
      <input ref={input} value={text} maxLength={FEEDBACK_MAX} data-testid="refine"
        aria-label={target ? `Change ${target.title}` : "Change this dashboard"}
        placeholder={target ? "How should this change?" : "Change this dashboard: “make chart 2 a line”"}
        onInput={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && clearTarget()} />
      <button class="icon-button filled" aria-label="Refine" disabled={busy || !text.trim()} data-testid="refine-send">
        {busy ? <span class="spinner" /> : <Icon name="send" />}
      </button>
    </form>
  );
}
