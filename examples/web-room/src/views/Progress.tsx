import type { Stage } from "@vizroom/client";
import type { Filling } from "../room/board";
import { Icon } from "./Icon";

const STAGES: [Stage, string][] = [["strategy", "Plan"], ["data", "Query"], ["viz", "Draw"], ["layout", "Arrange"]];

/** How far a generation is: four calm steps. */
export function Progress({ filling, cancel, done }: { filling: Filling; cancel: (() => void) | undefined; done: number }) {
  const at = STAGES.findIndex(([stage]) => stage === filling.stage);
  return (
    <section class="progress" data-testid="progress" data-stage={filling.stage} data-progress={filling.progress}>
      <ol>
        {STAGES.map(([stage, name], index) => (
          <li key={stage} data-state={index < at ? "done" : index === at ? "now" : "next"} aria-current={index === at ? "step" : undefined}>
            <span class="step">{index < at ? <Icon name="check" size={12} /> : index + 1}</span>{name}
          </li>
        ))}
      </ol>
      <p class="muted grow" role="status" aria-live="polite">
        {filling.message}{filling.planned ? ` · ${Math.min(done, filling.planned)} of ${filling.planned}` : ""}
      </p>
      {cancel && <button class="link" data-testid="cancel" onClick={cancel}>Cancel</button>}
      <progress max={100} value={filling.progress} aria-label="Generation" />
    </section>
  );
}
