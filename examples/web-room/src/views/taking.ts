import type { Card, Table } from "@vizroom/client";
import type { Drawing } from "../chart/draw";
import { takePicture, takeRows } from "../room/take";
import { complain } from "../toast";
import type { Item } from "./Menu";

interface Taking {
  card: Card;
  drawing: () => Drawing | undefined;
  /** The rows there are to be had, which may be more than the card has. */
  rows: () => Table | Promise<Table>;
  /** Shows the rows that the card has. */
  show: () => void;
}

/** What anybody may do with a card who may see it. */
export function takings({ card, drawing, rows, show }: Taking): Item[] {
  const take = async () => takeRows(card, await rows());
  const picture = (kind: "png" | "svg") => void takePicture(card, drawing(), kind).catch(complain);
  return [
    ...(card.data.rows.length > 0 ? [
      ...(card.type === "table" ? [] : [{ label: "Show the rows", icon: "table", run: show, testid: "card-rows" } as Item]),
      { label: "Download CSV", icon: "download", testid: "card-csv", run: () => void take().catch(complain) } as Item,
    ] : []),
    ...(card.error ? [] : [
      { label: "Download PNG", icon: "download", testid: "card-png", run: () => picture("png") } as Item,
      { label: "Download SVG", icon: "download", testid: "card-svg", run: () => picture("svg") } as Item,
    ]),
  ];
}
