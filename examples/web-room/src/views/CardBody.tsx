import type { Card, Theme } from "@vizroom/client";
import { Chart } from "../chart/Chart";
import type { Drawing } from "../chart/draw";
import type { Pick } from "../chart/pick";
import { Figure } from "./Figure";
import { Icon } from "./Icon";
import { Rows } from "./Rows";

interface Props {
  card: Card;
  theme: Theme;
  click: (pick: Pick) => void;
  drawn: (drawing: Drawing | undefined) => void;
}

/** What a card shows below its title, and what is to be known of it. */
export function CardBody(props: Props) {
  const { notes, error } = props.card;
  return (
    <>
      <Shown {...props} />
      {!error && notes && notes.length > 0 && <p class="skipped card-notes" data-testid="card-notes" title={notes.join(" ")}>{notes.join(" ")}</p>}
    </>
  );
}

function Shown({ card, theme, click, drawn }: Props) {
  if (card.error) return <div class="card-problem" role="alert"><Icon name="warn" size={20} /><p>{card.error.message}</p></div>;
  if (card.type === "kpi") return <Figure card={card} />;
  if (card.type === "insight") return <p class="insight-text">{card.description || card.title}</p>;
  if (card.data.rows.length === 0) return <div class="card-problem quiet"><p>No rows match.</p></div>;
  if (card.spec === undefined || card.type === "table") return <Rows card={card} click={click} />;
  return <Chart card={card} theme={theme} click={click} drawn={drawn} />;
}
