import type { Card, LayoutItem, Theme } from "@vizroom/client";
import { CardBody } from "./CardBody";

interface Props {
  card: Card;
  place: LayoutItem | undefined;
  theme: Theme;
}

/** A card to look at, and nothing else. */
export function PlainCard({ card, place, theme }: Props) {
  const position = place && { "--x": place.x + 1, "--y": place.y + 1, "--w": place.w, "--h": place.h };
  return (
    <section class={`card ${card.type}`} style={position as never} aria-label={card.title}
      data-testid="card" data-key={card.key} data-type={card.type} data-state={card.error ? "error" : "ready"}>
      <header>
        <div class="grow">
          <h3 title={card.title}>{card.title}</h3>
          {card.description && card.type !== "insight" && <p class="card-about" title={card.description}>{card.description}</p>}
        </div>
      </header>
      <CardBody card={card} theme={theme} click={() => {}} drawn={() => {}} />
    </section>
  );
}
