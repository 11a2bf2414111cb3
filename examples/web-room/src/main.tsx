import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { me } from "./account";
import { client } from "./live";
import { route } from "./route";
import { Toasts } from "./toast";
import { Reset } from "./views/Recovery";
import { SigningIn } from "./views/SigningIn";
import { SignIn } from "./views/SignIn";
import "./theme";

// Signing in needs none of what a room needs.
const Rooms = lazy(() => import("./views/Rooms"));
const RoomPage = lazy(() => import("./views/RoomPage"));
const SharedPage = lazy(() => import("./views/SharedPage"));
const SettingsPage = lazy(() => import("./views/settings/SettingsPage"));

function App() {
  return (
    <>
      <Suspense fallback={<main class="loading" aria-busy="true" />}><Page /></Suspense>
      <Toasts />
    </>
  );
}

function Page() {
  const at = route.value;
  // Whoever is signed in may accept an invitation as somebody else, too.
  if (at.page === "invitation") return <SignIn invitation={at.token} />;
  if (at.page === "reset") return <Reset token={at.token} />;
  if (at.page === "signed-in") return <SigningIn code={at.code} />;
  if (!me.value || !client.value) return <SignIn invitation={undefined} />;
  if (at.page === "room") return <RoomPage key={at.room} id={at.room} client={client.value} me={me.value} />;
  if (at.page === "shared") return <SharedPage key={at.dashboard} id={at.dashboard} client={client.value} />;
  if (at.page === "settings") return <SettingsPage part={at.part} client={client.value} me={me.value} />;
  return <Rooms client={client.value} />;
}

render(<App />, document.getElementById("app") as HTMLElement);
