import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { forgotPassword, resetPassword } from "../account";
import { message } from "../http";
import { go } from "../route";
import { Logo } from "./Logo";

/** Work that a form does once at a time, and what became of it. */
function useAttempt() {
  const [state, setState] = useState<{ busy: boolean; done: boolean; problem?: string }>({ busy: false, done: false });
  const attempt = async (work: () => Promise<void>) => {
    setState({ busy: true, done: false });
    try {
      await work();
      setState({ busy: false, done: true });
    } catch (error) {
      setState({ busy: false, done: false, problem: message(error) });
    }
  };
  return { ...state, attempt };
}

function Door({ title, about, children }: { title: string; about: string; children: ComponentChildren }) {
  return (
    <main class="door">
      <section class="door-card">
        <Logo />
        <h1>{title}</h1>
        <p class="muted">{about}</p>
        {children}
      </section>
    </main>
  );
}

/** Asks for a link to set a new password. */
export function Forgot({ email, back }: { email: string; back: () => void }) {
  const { busy, done, problem, attempt } = useAttempt();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void attempt(() => forgotPassword(String(form.get("email")).trim()));
  };
  const about = done
    ? "If somebody is registered with this address, a mail with a link is on its way. The link works once, for 30 minutes."
    : "Tell us your e-mail address, and we mail you a link to set a new one.";
  return (
    <Door title={done ? "Look into your mail" : "Forgot your password?"} about={about}>
      {!done && (
        <form onSubmit={submit} class="stack">
          <label class="field">E-mail
            <input name="email" type="email" autocomplete="email" required defaultValue={email} data-testid="forgot-email" />
          </label>
          {problem && <p class="problem" role="alert">{problem}</p>}
          <button class="primary wide" disabled={busy} data-testid="send-link">{busy ? "One moment…" : "Mail me a link"}</button>
        </form>
      )}
      {done && <p class="hint" role="status" data-testid="link-sent">Nothing there? Look into the spam folder, or try again in a while.</p>}
      <p class="door-switch"><button class="link" type="button" onClick={back}>Back to sign in</button></p>
    </Door>
  );
}

/** Where the link of the mail leads. */
export function Reset({ token }: { token: string }) {
  const { busy, done, problem, attempt } = useAttempt();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void attempt(() => resetPassword(token, String(form.get("password"))));
  };
  const leave = () => go({ page: "rooms" }, true);
  if (done) {
    return (
      <Door title="Your password is set" about="Wherever you were signed in, you are no longer. Sign in with the new password.">
        <button class="primary wide" type="button" onClick={leave} data-testid="reset-done">Sign in</button>
      </Door>
    );
  }
  return (
    <Door title="Set a new password" about="It ends all your sign-ins, on every device.">
      <form onSubmit={submit} class="stack">
        <label class="field">New password
          <input name="password" type="password" required minLength={8} maxLength={256} autocomplete="new-password" data-testid="new-password" />
          <span class="hint">At least 8 characters</span>
        </label>
        {problem && <p class="problem" role="alert">{problem}</p>}
        <button class="primary wide" disabled={busy} data-testid="set-password">{busy ? "One moment…" : "Set password"}</button>
      </form>
      <p class="door-switch"><button class="link" type="button" onClick={leave}>Back to sign in</button></p>
    </Door>
  );
}
