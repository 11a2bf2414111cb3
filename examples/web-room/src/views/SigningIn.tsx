import { useEffect, useState } from "preact/hooks";
import { exchange } from "../account";
import { message } from "../http";
import { go, parse, route } from "../route";
import { Logo } from "./Logo";

const KEY = "vizroom.return";

/** Notes where somebody was who goes to a provider, to lead them back there. */
export function remember(): void {
  if (route.peek().page === "room") sessionStorage.setItem(KEY, location.hash);
}

/** Back from a provider: the code of the address becomes a sign-in, once. */
export function SigningIn({ code }: { code: string }) {
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const to = parse(sessionStorage.getItem(KEY) ?? "");
    sessionStorage.removeItem(KEY);
    exchange(code).then(() => go(to, true), (error) => setProblem(message(error)));
  }, [code]);

  return (
    <main class="door">
      <section class="door-card" aria-busy={problem === undefined}>
        <Logo />
        <h1>{problem ? "You are not signed in" : "One moment…"}</h1>
        {problem && <p class="problem" role="alert" data-testid="sign-in-problem">{problem}</p>}
        {problem && <button class="primary wide" type="button" onClick={() => go({ page: "rooms" }, true)}>Back to sign in</button>}
      </section>
    </main>
  );
}
