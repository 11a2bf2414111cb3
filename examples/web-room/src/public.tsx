import { render } from "preact";
import { Toasts } from "./toast";
import { PublicPage } from "./views/PublicPage";
import { enter } from "./view";
import "./theme";

render(<><PublicPage /><Toasts /></>, document.getElementById("app") as HTMLElement);
void enter();
