import { useState } from "preact/hooks";
import type { Client, Theme, User } from "@vizroom/client";
import { forgotPassword } from "../../account";
import { formatBytes, formatDay } from "../../format";
import { prefer, preferences, preferencesState, readPreferences } from "../../preferences";
import { type Look } from "../../theme";
import { say } from "../../toast";
import { COUNTS, Swatch, THEMES } from "../Prompt";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";

const LOOKS: [Look | undefined, string][] = [[undefined, "As the system"], ["light", "Light"], ["dark", "Dark"]];

/** Who one is, how the page looks, and what is stored. */
export function Preferences({ client, me }: { client: Client; me: User }) {
  const state = preferencesState.value;
  return (
    <>
      <Account client={client} me={me} />
      <section class="panel stack">
        <h2>Preferences</h2>
        <p class="hint">They go with you, wherever you sign in.</p>
        {state === "loading" && <Waiting />}
        {state === "known" && <Choices />}
        {typeof state === "object" && <Failed problem={state} again={() => void readPreferences(client)} />}
      </section>
      <Storage client={client} />
    </>
  );
}

function Account({ client, me }: { client: Client; me: User }) {
  return (
    <section class="panel stack">
      <h2>Account</h2>
      <dl class="facts">
        <dt>Name</dt><dd>{me.name}</dd>
        <dt>E-mail</dt><dd>{me.email}</dd>
        <dt>Since</dt><dd>{formatDay(me.created_at)}</dd>
      </dl>
      <Password client={client} me={me} />
    </section>
  );
}

const PASSWORD = { minLength: 8, maxLength: 256, required: true };

/** Another password: for who knows the old one at once, for anybody else by mail. */
function Password({ client, me }: { client: Client; me: User }) {
  const [open, setOpen] = useState(false);
  const { busy, problem, work } = useWork();
  const mail = () => work(async () => {
    await forgotPassword(me.email);
    say(`A link to set another password is on its way to ${me.email}`);
  });
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const input = { old_password: String(form.get("old")), password: String(form.get("new")) };
    if (!(await work(() => client.call("account.change_password", input)))) return;
    setOpen(false);
    say("Your password is changed, and you are signed out wherever else you were");
  };
  if (!open) return <div class="row"><button data-testid="change-password" onClick={() => setOpen(true)}>Change the password…</button></div>;
  return (
    <form class="stack" onSubmit={(event) => void submit(event)} data-testid="password-form">
      <input type="text" name="username" autocomplete="username" value={me.email} readOnly hidden />
      <label class="field">The password you have
        <input name="old" type="password" autocomplete="current-password" required autofocus data-testid="old-password" />
      </label>
      <label class="field">The new one
        <input name="new" type="password" autocomplete="new-password" {...PASSWORD} data-testid="new-password" />
        <span class="hint">At least 8 characters. Everywhere else you are signed out; API keys go on.</span>
      </label>
      <Problem text={problem} />
      <footer class="row wrap end">
        <button type="button" class="link grow" disabled={busy} onClick={() => void mail()}>Forgotten? Mail me a link</button>
        <button type="button" onClick={() => setOpen(false)}>Cancel</button>
        <button class="primary" disabled={busy} data-testid="save-password">Change it</button>
      </footer>
    </form>
  );
}

function Choices() {
  const { problem, work } = useWork();
  const { look, theme, max_charts } = preferences.value;
  const choose = (patch: Parameters<typeof prefer>[0]) => void work(() => prefer(patch));
  return (
    <div class="stack" data-testid="preferences">
      <fieldset class="row wrap choices">
        <legend>Look</legend>
        {LOOKS.map(([value, label]) => (
          <label key={label} class="row"><input type="radio" name="look" checked={look === value} onChange={() => choose({ look: value })} />{label}</label>
        ))}
      </fieldset>
      <fieldset class="row wrap choices">
        <legend>Colours of new dashboards</legend>
        {THEMES.map((name: Theme) => (
          <label key={name} class="row"><input type="radio" name="colours" checked={(theme ?? THEMES[0]) === name} onChange={() => choose({ theme: name })} /><Swatch theme={name} />{name}</label>
        ))}
      </fieldset>
      <label class="row wrap choices">Charts of a new dashboard
        <select value={max_charts ?? 0} data-testid="prefer-charts" onChange={(event) => choose({ max_charts: Number(event.currentTarget.value) || undefined })}>
          <option value={0}>As many as it needs</option>
          {COUNTS.map((count) => <option key={count} value={count}>At most {count}</option>)}
        </select>
      </label>
      <Problem text={problem} />
    </div>
  );
}

/** How much of what the team may store is taken. */
function Storage({ client }: { client: Client }) {
  const { answer, problem, again } = useAnswer(() => client.call("file.usage", {}), [client]);
  return (
    <section class="panel stack">
      <h2>Storage</h2>
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting lines={1} /> : (
        <>
          <progress max={answer.bytes_max} value={answer.bytes} aria-label="Bytes stored" />
          <p class="hint">{formatBytes(answer.bytes)} of {formatBytes(answer.bytes_max)}, {answer.files.toLocaleString("en")} of {answer.files_max.toLocaleString("en")} files of your team.</p>
        </>
      )}
    </section>
  );
}
