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
      <Account me={me} />
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

function Account({ me }: { me: User }) {
  const { busy, problem, work } = useWork();
  const mail = () => work(async () => {
    await forgotPassword(me.email);
    say(`A link to set another password is on its way to ${me.email}`);
  });
  return (
    <section class="panel stack">
      <h2>Account</h2>
      <dl class="facts">
        <dt>Name</dt><dd>{me.name}</dd>
        <dt>E-mail</dt><dd>{me.email}</dd>
        <dt>Since</dt><dd>{formatDay(me.created_at)}</dd>
      </dl>
      <div class="row wrap"><button disabled={busy} onClick={() => void mail()}>Change the password…</button><span class="hint">By a link in a mail.</span></div>
      <Problem text={problem} />
    </section>
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
