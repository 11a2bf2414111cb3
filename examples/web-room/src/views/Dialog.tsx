import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { connection } from "../connection";
import { Icon } from "./Icon";

interface Props {
  title: string;
  close: () => void;
  wide?: boolean;
  testid?: string;
  children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function Dialog({ title, close, wide, testid, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    element.current?.showModal();
    // The browser gives the focus back where it closes the dialog itself, but not where what was asked is done.
    return () => {
      if (document.activeElement === document.body) before?.focus();
    };
  }, []);
  const lost = connection.value.state !== "live";
  return (
    <dialog ref={element} class={wide ? "wide" : ""} aria-label={title} onClose={close} data-testid={testid}
      onPointerDown={(event) => event.target === element.current && element.current?.close()}>
      <div class="dialog-body">
        <header>
          <h2>{title}</h2>
          <button class="icon-button" aria-label="Close" onClick={() => element.current?.close()}><Icon name="close" /></button>
        </header>
        {lost && <p class="note warn" role="status"><Icon name="warn" />No connection. What you do here goes out when it is back.</p>}
        {children}
      </div>
    </dialog>
  );
}
