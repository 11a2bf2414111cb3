import { useEffect, useState } from "preact/hooks";
import { demoAvailable, register, signIn, tryDemo } from "../account";
import { message } from "../http";
import { go, route } from "../route";
import { Logo } from "./Logo";
import { Providers } from "./Providers";
import { Forgot } from "./Recovery";

/** The door: sign in, register, or try the demo. */
export function SignIn({ invitation }: { invitation: string | undefined }) {
  const [registering, setRegistering] = useState(invitation !== undefined);
  const [busy, setBusy] = useState<"form" | "demo" | undefined>();
  const [problem, setProblem] = useState<string>();
  const [demo, setDemo] = useState(false);
  const [forgot, setForgot] = useState<string>();

  useEffect(() => void demoAvailable().then(setDemo), []);

  const attempt = async (what: "form" | "demo", work: () => Promise<void>) => {
    setBusy(what);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(message(error));
      setBusy(undefined);
    }
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    void attempt("form", async () => {
      if (!registering) await signIn(field("email"), String(form.get("password")), invitation);
      else await register(field("email"), String(form.get("password")), field("name"), invitation);
      if (route.peek().page === "invitation") go({ page: "rooms" }, true);
    });
  };

  if (forgot !== undefined) return <Forgot email={forgot} back={() => setForgot(undefined)} />;

  return (
    <main class="door">
      <section class="door-card">
        <Logo />
        <h1>{registering ? "Create your account" : demo ? "Welcome" : "Welcome back"}</h1>
        <p class="muted">
          {invitation ? "You were invited to a room. Register to join it, or sign in if you have an account." : "Ask your data a question, and watch the answer with your team."}
        </p>
        <form onSubmit={submit} class="stack">
          {registering && (
            <label class="field">Name
              <input name="name" autocomplete="name" placeholder="How others see you" data-testid="name" />
            </label>
          )}
          <label class="field">E-mail
            <input name="email" type="email" autocomplete="email" required data-testid="email" />
          </label>
          <label class="field">Password
            <input name="password" type="password" required minLength={registering ? 8 : undefined}
              autocomplete={registering ? "new-password" : "current-password"} data-testid="password" />
            {registering && <span class="hint">At least 8 characters</span>}
          </label>
          {!registering && (
            <button class="link forgot" type="button" data-testid="forgot"
              onClick={(event) => setForgot(new FormData(event.currentTarget.form as HTMLFormElement).get("email") as string)}>
              Forgot password?
            </button>
          )}
          {problem && <p class="problem" role="alert">{problem}</p>}
          <button class="primary wide" disabled={busy !== undefined} data-testid={registering ? "register" : "sign-in"}>
            {busy === "form" ? "One moment…" : registering ? "Register" : "Sign in"}
          </button>
        </form>
        <Providers invitation={invitation} />
        <p class="door-switch">
          {registering ? "Have an account already?" : "New here?"}{" "}
          <button class="link" type="button" data-testid={registering ? "to-sign-in" : "to-register"}
            onClick={() => { setRegistering(!registering); setProblem(undefined); }}>
            {registering ? "Sign in" : "Create an account"}
          </button>
        </p>
        {demo && (
          <>
            <div class="or"><span>or</span></div>
            <button class="wide" type="button" disabled={busy !== undefined} data-testid="demo-button"
              onClick={() => void attempt("demo", async () => go({ page: "room", room: await tryDemo() }))}>
              {busy === "demo" ? "Preparing the demo…" : "Try the demo"}
            </button>
            <p class="hint centre">A room with data to ask about. No account needed.</p>
          </>
        )}
      </section>
    </main>
  );
}
