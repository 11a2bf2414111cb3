import type { Card } from "@vizroom/client";
import { formatNumber } from "../format";
import { Icon } from "./Icon";

/** One big number, and how it moves. */
export function Figure({ card: { kpi } }: { card: Card }) {
  if (kpi?.value == null) return <div class="card-problem quiet"><p>The data gives no figure here.</p></div>;
  const { value, format, unit, trend } = kpi;
  const direction = trend?.match(/^\s*\+/) ? "up" : trend?.match(/^\s*[-−]/) ? "fall" : undefined;
  return (
    <div class="figure">
      <p class="figure-value">{formatNumber(value, format, unit)}</p>
      {trend && <p class="figure-trend" data-direction={direction}>{direction && <Icon name={direction} size={14} />}{trend}</p>}
    </div>
  );
}
