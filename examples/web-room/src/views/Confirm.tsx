import type { ComponentChildren } from "preact";
import { Dialog } from "./Dialog";
import { Problem, useWork } from "./work";

interface Props {
  title: string;
  /** What the button that does it says. */
  label: string;
  run: () => Promise<unknown>;
  close: () => void;
  /** What comes of it. */
  children: ComponentChildren;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, label, run, close, children }: Props) {
  const { busy, problem, work } = useWork();
  return (
    <Dialog title={title} close={close} testid="confirm">
      <div class="stack">{children}</div>
      <Problem text={problem} />
      <footer class="row end">
        <button type="button" autofocus onClick={close}>Cancel</button>
        <button type="button" class="bad" disabled={busy} data-testid="confirm-yes" onClick={() => void work(run)}>
          {busy ? "One moment…" : label}
        </button>
      </footer>
    </Dialog>
  );
}
