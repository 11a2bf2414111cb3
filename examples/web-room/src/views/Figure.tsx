import type { Card } from "@vizroom/client";
import { formatNumber } from "../format";
import { Icon } from "./Icon";

/** One big number, and how it moves. */
export function Figure({ card: { kpi, encoding } }: { card: Card }) {
  if (kpi?.value == null) return <div class="card-problem quiet"><p>The data gives no figure here.</p></div>;
  const { value, format, unit, trend } = kpi;
  const target = kpi.target ?? encoding.target;
  const direction = trend?.match(/^\s*\+/) ? "up" : trend?.match(/^\s*[-−]/) ? "fall" : undefined;
  const figure = formatNumber(value, format, unit);
  return (
    <div class="figure">
      <p class="figure-value" style={{ "--letters": figure.length } as never}>{figure}</p>
      {target != null && (
        <p class="figure-trend">
          {target > 0 ? `${formatNumber(value / target, ".0%")} of the target, ` : "Target "}{formatNumber(target, format, unit)}
        </p>
      )}
      {trend && <p class="figure-trend" data-direction={direction}>{direction && <Icon name={direction} size={14} />}{trend}</p>}
    </div>
  );
}
