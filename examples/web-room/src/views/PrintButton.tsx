import { print } from "../print";
import { Icon } from "./Icon";

/** The dashboard in view on paper. */
export function PrintButton() {
  return (
    <button class="icon-button" data-testid="print" aria-label="Print or save as PDF" title="Print or save as PDF" onClick={() => void print()}>
      <Icon name="print" />
    </button>
  );
}
