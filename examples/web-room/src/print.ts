import { allDrawn } from "./chart/Chart";
import { printing } from "./theme";

/** The dashboard alone, as wide as a sheet. */
const layOut = (on: boolean) => {
  if (on) document.documentElement.dataset["printing"] = "";
  else delete document.documentElement.dataset["printing"];
};

// However it is begun, also by the browser's own menu: charts are then scaled as pictures, there is no time to draw them anew.
addEventListener("beforeprint", () => layOut(true));
addEventListener("afterprint", () => {
  layOut(false);
  printing.value = false;
});

/** Prints the dashboard in view, or saves it as a PDF: its charts are first drawn anew for paper. */
export async function print(): Promise<void> {
  printing.value = true;
  layOut(true);
  // Laid out, then drawn, at the new size.
  await allDrawn();
  await allDrawn();
  window.print();
}
