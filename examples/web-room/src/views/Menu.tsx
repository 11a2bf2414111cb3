import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./Icon";

export interface Item {
  label: string;
  icon?: IconName;
  /** A line to read, not to choose. */
  note?: boolean;
  bad?: boolean;
  /** Why it cannot be chosen now. */
  off?: string;
  testid?: string;
  run?: () => void;
}

interface Props {
  label: string;
  items: (Item | "line")[];
  button?: ComponentChildren;
  /** Without the frame of an icon button. */
  plain?: boolean;
  /** For items that are sentences. */
  wide?: boolean;
  /** Called when the list is opened. */
  opened?: () => void;
  testid?: string;
}

/** A button that opens a list to choose from; arrow keys, Escape and clicking elsewhere do what one expects. */
export function Menu({ label, items, button, plain, wide, opened, testid }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    choices(root.current)[0]?.focus();
    return () => removeEventListener("pointerdown", away);
  }, [open]);

  const keys = (event: KeyboardEvent) => {
    if (!open) return;
    const all = choices(root.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else if (event.key === "Escape") {
      setOpen(false);
      root.current?.querySelector("button")?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const choose = (item: Item) => {
    if (item.off) return;
    setOpen(false);
    // What opens a dialog gives the focus back to what had it.
    root.current?.querySelector("button")?.focus();
    item.run?.();
  };

  const left = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget && !root.current?.contains(relatedTarget as Node)) setOpen(false);
  };

  return (
    <div class="menu" ref={root} onKeyDown={keys} onFocusOut={left}>
      <button type="button" class={plain ? "plain" : "icon-button"} aria-label={label} title={label} aria-haspopup="menu"
        aria-expanded={open} data-testid={testid} onClick={() => { if (!open) opened?.(); setOpen(!open); }}>
        {button ?? <Icon name="more" />}
      </button>
      {open && (
        <div class={wide ? "menu-list wide" : "menu-list"} role="menu" aria-label={label}>
          {items.map((item, index) => {
            if (item === "line") return <hr key={index} />;
            if (item.note) return <p key={index} class="menu-note">{item.label}</p>;
            return (
              <button key={index} type="button" role="menuitem" tabIndex={-1} class={item.bad ? "bad" : ""} data-testid={item.testid}
                aria-disabled={item.off !== undefined} onClick={() => choose(item)}>
                {item.icon && <Icon name={item.icon} />}
                {item.off ? <span>{item.label}<span class="hint">{item.off}</span></span> : item.label}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}

function choices(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}
