import { useEffect, useRef, useState } from "preact/hooks";
import type { Card, Theme } from "@vizroom/client";
import { message } from "../http";
import { lookOf } from "../theme";
import type { Drawing } from "./draw";
import type { Pick } from "./pick";
import { shapesOf } from "./shapes";

interface Props {
  card: Card;
  theme: Theme;
  click: (pick: Pick) => void;
  /** The picture can be had from here once it is drawn. */
  drawn: (drawing: Drawing | undefined) => void;
}

/** Charts of this page that are being drawn. */
const drawings = new Set<HTMLElement>();

/** Comes when no chart is being drawn any more. */
export async function allDrawn(): Promise<void> {
  do await new Promise(requestAnimationFrame);
  while (drawings.size > 0);
}

/** A card's chart. Vega comes with the first one; until then, and while it draws, the card is calm. */
export function Chart({ card, theme, click, drawn }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | undefined>(undefined);
  const latest = useRef({ card, click });
  latest.current = { card, click };
  const [state, setState] = useState<"drawing" | "drawn" | { error: string }>("drawing");
  const style = lookOf(theme);
  const spec = JSON.stringify(card.spec);

  useEffect(() => {
    let gone = false;
    const host = element.current as HTMLDivElement;
    const begin = async () => {
      try {
        const [{ Drawing }, shapes] = await Promise.all([import("./draw"), shapesOf(latest.current.card.spec)]);
        if (gone) return;
        const size = sizeOf(host);
        const made = new Drawing(host, latest.current.card, { theme, look: style }, size, shapes, (pick) => latest.current.click(pick));
        drawing.current = made;
        await made.ready;
        if (gone) return;
        setState("drawn");
        drawn(made);
      } catch (error) {
        if (!gone) setState({ error: message(error) });
      }
    };
    drawings.add(host);
    void begin().finally(() => drawings.delete(host));
    const observer = new ResizeObserver(() => void drawing.current?.resize(sizeOf(host)));
    observer.observe(host);
    return () => {
      gone = true;
      observer.disconnect();
      drawings.delete(host);
      drawing.current?.destroy();
      drawing.current = undefined;
      drawn(undefined);
      host.replaceChildren();
    };
  }, [spec, theme, style]);

  useEffect(() => drawing.current?.update(card), [card.data]);

  return (
    <>
      <div class="chart" ref={element} role="img" aria-label={`${card.title}. ${card.description}`} data-drawn={state === "drawn"} />
      {typeof state === "object" && <p class="card-problem">This chart cannot be drawn: {state.error}</p>}
    </>
  );
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: Math.max(80, element.clientWidth), height: Math.max(60, element.clientHeight) };
}
