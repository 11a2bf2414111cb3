import { useState } from "preact/hooks";
import type { ApiKey, Client, KeyScope, wire } from "@vizroom/client";
import { formatDay, formatMoment } from "../../format";
import { Confirm } from "../Confirm";
import { Once } from "../CopyField";
import { Icon } from "../Icon";
import { Failed, Problem, useAnswer, useWork, Waiting } from "../work";
import { Callbacks } from "./Callbacks";

const SCOPES: [KeyScope, string][] = [
  ["read", "see what you see"],
  ["write", "speak, and bring, change and delete data"],
  ["rooms", "make and delete rooms, and say who is in them"],
  ["dashboards", "make, change, publish and delete dashboards"],
  ["ai", "have something generated"],
  ["admin", "keys, settings, invitations"],
];
const DAY_MS = 86_400_000;
const LIVES: [number, string][] = [[0, "Until it is revoked"], [7, "7 days"], [30, "30 days"], [90, "90 days"], [365, "A year"]];

/** How programs call in somebody's name. */
export function Keys({ client }: { client: Client }) {
  const { answer, problem, again } = useAnswer(() => client.call("key.list", {}), [client]);
  const [made, setMade] = useState<wire.KeyCreated>();
  const [asking, setAsking] = useState<ApiKey>();
  const revoke = async () => {
    await client.call("key.revoke", { key_id: asking!.id });
    if (made?.id === asking!.id) setMade(undefined);
    setAsking(undefined);
    again();
  };
  return (
    <>
      <section class="panel stack">
        <h2>New API key</h2>
        <p class="hint">A program shows it where you would sign in, as <code>Authorization: Bearer …</code>. It may do what you tick, and never more than you may.</p>
        <NewKey client={client} made={(key) => { setMade(key); again(); }} />
        {made && <Once label={`The key ${made.name}`} value={made.key} testid="new-key" about={`“${made.name}” is ready. Copy it now: it is not shown again.`} />}
      </section>
      <section class="panel stack">
        <h2>Your keys</h2>
        {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting /> : answer.keys.length === 0 ? (
          <div class="empty"><Icon name="key" size={24} /><p class="muted">No keys yet.</p></div>
        ) : (
          <ul class="lines" data-testid="key-list">
            {answer.keys.map((key) => <KeyLine key={key.id} about={key} revoke={() => setAsking(key)} />)}
          </ul>
        )}
      </section>
      <Callbacks client={client} />
      {asking && (
        <Confirm title={`Revoke “${asking.name}”?`} label="Revoke" run={revoke} close={() => setAsking(undefined)}>
          <p>Programs that use it are refused from now on, and what they have open is closed. This cannot be taken back.</p>
        </Confirm>
      )}
    </>
  );
}

function KeyLine({ about, revoke }: { about: ApiKey; revoke: () => void }) {
  const { name, prefix, scopes, created_at, expires_at, last_used_at } = about;
  const over = expires_at != null && Date.parse(expires_at) <= Date.now();
  const facts = [
    last_used_at ? `last used ${formatMoment(last_used_at)}` : "never used",
    `made ${formatDay(created_at)}`,
    expires_at ? `${over ? "ended" : "ends"} ${formatDay(expires_at)}` : undefined,
  ];
  return (
    <li class="row wrap" data-testid="key">
      <span class="grow who">
        <b>{name} {over && <span class="badge bad">ended</span>}</b>
        <span class="muted"><code>{prefix}…</code> · {facts.filter(Boolean).join(" · ")}</span>
        <span class="chips scopes">{scopes.map((scope) => <span key={scope} class="badge">{scope}</span>)}</span>
      </span>
      <button class="bad" aria-label={`Revoke ${name}`} data-testid="key-revoke" onClick={revoke}>Revoke</button>
    </li>
  );
}

function NewKey({ client, made }: { client: Client; made: (key: wire.KeyCreated) => void }) {
  const [scopes, setScopes] = useState<ReadonlySet<KeyScope>>(new Set(["read"]));
  const { busy, problem, work } = useWork();
  const tick = (scope: KeyScope) => {
    const next = new Set(scopes);
    if (!next.delete(scope)) next.add(scope);
    setScopes(next);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const days = Number(data.get("days"));
    void work(async () => {
      made(await client.call("key.create", {
        name: String(data.get("name")).trim(), scopes: SCOPES.map(([scope]) => scope).filter((scope) => scopes.has(scope)),
        ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
      }));
      form.reset();
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <div class="row wrap">
        <label class="field grow">What it is for<input name="name" required maxLength={100} pattern=".*\S.*" placeholder="Nightly report" data-testid="key-name" /></label>
        <label class="field">Good for
          <select name="days" data-testid="key-days">{LIVES.map(([days, label]) => <option key={days} value={days}>{label}</option>)}</select>
        </label>
      </div>
      <fieldset class="ticks">
        <legend>It may</legend>
        {SCOPES.map(([scope, about]) => (
          <label key={scope} class="row">
            <input type="checkbox" checked={scopes.has(scope)} onChange={() => tick(scope)} data-testid={`scope-${scope}`} />
            <span><b>{scope}</b> <span class="muted">{about}</span></span>
          </label>
        ))}
      </fieldset>
      <Problem text={problem} />
      <div class="row wrap">
        <button class="primary" disabled={busy || scopes.size === 0} data-testid="key-create"><Icon name="key" />Make a key</button>
        {scopes.size === 0 && <span class="hint">Tick at least one thing it may do.</span>}
      </div>
    </form>
  );
}
