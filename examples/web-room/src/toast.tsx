import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { message } from "./http";
import { Icon } from "./views/Icon";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action?: { label: string; run: () => void };
}

const STAY_MS = 5_000;
const SHOWN_MAX = 3;

const toasts = signal<Toast[]>([]);
let next = 1;

export function say(text: string, more: Partial<Omit<Toast, "id" | "text">> = {}): void {
  const toast: Toast = { id: next++, text, tone: "plain", ...more };
  toasts.value = [...toasts.value, toast].slice(-SHOWN_MAX);
  setTimeout(() => dismiss(toast.id), STAY_MS);
}

export function complain(error: unknown): void {
  say(message(error), { tone: "bad" });
}

/** Does it after a while in which it can be taken back; at once if the page goes away. */
export function undoable(text: string, work: () => void, undo: () => void): void {
  let open = true;
  const settle = (then: () => void) => () => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    removeEventListener("pagehide", run);
    then();
  };
  const run = settle(work);
  const timer = setTimeout(run, STAY_MS);
  addEventListener("pagehide", run);
  say(text, { action: { label: "Undo", run: settle(undo) } });
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  const element = useRef<HTMLDivElement>(null);
  // Over whatever lies over the page: a dialog that is open would hide them.
  useEffect(() => {
    const it = element.current;
    if (it?.matches(":popover-open")) it.hidePopover();
    if (toasts.value.length > 0) it?.showPopover();
  }, [toasts.value]);
  return (
    <div ref={element} popover="manual" class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`} data-testid="toast">
          <span>{toast.text}</span>
          {toast.action && (
            <button class="link" onClick={() => { toast.action?.run(); dismiss(toast.id); }}>{toast.action.label}</button>
          )}
          <button class="icon-button small" aria-label="Dismiss" onClick={() => dismiss(toast.id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
