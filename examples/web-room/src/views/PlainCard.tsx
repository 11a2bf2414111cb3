import { useRef, useState } from "preact/hooks";
import type { Card, LayoutItem, Table, Theme } from "@vizroom/client";
import type { Drawing } from "../chart/draw";
import type { Pick } from "../chart/pick";
import { CardBody } from "./CardBody";
import { Dialog } from "./Dialog";
import { Menu } from "./Menu";
import { Rows } from "./Rows";
import { takings } from "./taking";

interface Props {
  card: Card;
  place: LayoutItem | undefined;
  theme: Theme;
  click?: (pick: Pick) => void;
  /** The rows there are to be had; those of the card, if it is not said. */
  rows?: () => Promise<Table>;
}

/** A card to look at and to take away, for whoever cannot change it. */
export function PlainCard({ card, place, theme, click = () => {}, rows }: Props) {
  const drawing = useRef<Drawing | undefined>(undefined);
  const [shown, setShown] = useState(false);
  const position = place && { "--x": place.x + 1, "--y": place.y + 1, "--w": place.w, "--h": place.h };
  const choices = takings({ card, drawing: () => drawing.current, rows: rows ?? (() => card.data), show: () => setShown(true) });
  return (
    <section class={`card ${card.type}`} style={position as never} aria-label={card.title}
      data-testid="card" data-key={card.key} data-type={card.type} data-state={card.error ? "error" : "ready"}>
      <header>
        <div class="grow">
          <h3 title={card.title}>{card.title}</h3>
          {card.description && card.type !== "insight" && <p class="card-about" title={card.description}>{card.description}</p>}
        </div>
        {choices.length > 0 && <Menu label={`More about ${card.title}`} testid="card-menu" items={choices} />}
      </header>
      <CardBody card={card} theme={theme} click={click} drawn={(made) => (drawing.current = made)} />
      {shown && <Dialog title={card.title} wide close={() => setShown(false)}><Rows card={card} click={click} /></Dialog>}
    </section>
  );
}
