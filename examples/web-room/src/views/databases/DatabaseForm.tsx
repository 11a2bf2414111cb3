import { useEffect, useRef, useState } from "preact/hooks";
import type { Client, DataConnection, DataConnectionCreate, DataConnectionKind, DataConnectionTls } from "@vizroom/client";
import { Dialog } from "../Dialog";
import { type Fault, Field } from "../Field";
import { Problem, useWork } from "../work";
import { KINDS } from "./kinds";

const TLS: [DataConnectionTls, string][] = [
  ["prefer", "Where the database offers it"], ["require", "Always, with whoever answers"],
  ["verify-ca", "Always, with a certificate that is signed"], ["verify-full", "Always, with a certificate made out to the host"],
  ["disable", "Never"],
];
const PORTS: { [kind in DataConnectionKind]: number } = { postgres: 5432, mysql: 3306, sqlite: 0 };
/** What the fields are called, which is what the server calls them. */
const SERVER = ["host", "port", "database", "username", "password", "tls", "ca_certificate"] as const;

interface Props {
  client: Client;
  /** The one to be changed; absent: another one. */
  about?: DataConnection;
  saved: (made: DataConnection) => void;
  close: () => void;
}

/** Adds a database, or says anew where it is and as whom to read it. */
export function DatabaseForm({ client, about, saved, close }: Props) {
  const [kind, setKind] = useState<DataConnectionKind>(about?.kind ?? "postgres");
  const { busy, problem, field, work } = useWork();
  const form = useRef<HTMLFormElement>(null);
  const fault = problem && field ? { field, text: problem } : undefined;
  useEffect(() => {
    const wrong = field ? form.current?.elements.namedItem(field) : undefined;
    if (wrong instanceof HTMLElement) wrong.focus();
  }, [problem, field]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = read(form.current as HTMLFormElement, kind);
    void work(async () => saved(about
      ? await client.call("data_connection.update", { connection_id: about.id, ...changed(about, given) })
      : await client.call("data_connection.create", { kind, ...given } as DataConnectionCreate)));
  };
  const seen = fault && form.current?.elements.namedItem(fault.field);
  return (
    <Dialog title={about ? `Change “${about.name}”` : "Add a database"} close={close} testid="database-form">
      <form ref={form} class="stack" onSubmit={submit} data-kind={kind}>
        {!about && (
          <fieldset class="row wrap choices">
            <legend class="unseen">Kind</legend>
            {KINDS.map(([one, label]) => (
              <label key={one} class="row"><input type="radio" name="kind" value={one} checked={kind === one} data-testid={`kind-${one}`} onChange={() => setKind(one)} />{label}</label>
            ))}
          </fieldset>
        )}
        <Field name="name" label="Name" fault={fault} required maxLength={100} value={about?.name} placeholder="Shop" autofocus={about !== undefined} />
        {kind === "sqlite"
          ? <Field name="path" label="File" fault={fault} required value={about?.path} placeholder="/srv/reports/shop.sqlite" hint="On the server, in a folder that its operator allows." />
          : <Server key={kind} kind={kind} about={about} fault={fault} />}
        {!seen && <Problem text={problem} />}
        <footer class="row end">
          <button type="button" onClick={close}>Cancel</button>
          <button class="primary" disabled={busy} data-testid="database-save">{busy ? "One moment…" : about ? "Save and test" : "Add and test"}</button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Where a database server is, and as whom it is read. */
function Server({ kind, about, fault }: { kind: DataConnectionKind; about: DataConnection | undefined; fault: Fault | undefined }) {
  const kept = about?.has_password ? "Kept, and never shown. Give it again where anything about the server changes." : "Kept encrypted, and never shown again.";
  return (
    <>
      <div class="row start wrap">
        <Field name="host" label="Host" fault={fault} required grow value={about?.host} placeholder="db.example.com" />
        <Field name="port" label="Port" fault={fault} type="number" min={1} max={65_535} value={about?.port} placeholder={String(PORTS[kind])} />
      </div>
      <Field name="database" label="Database" fault={fault} required value={about?.database} />
      <Field name="username" label="User" fault={fault} required value={about?.username} autocomplete="off" hint="Somebody who may do nothing but read, if you can." />
      <Field name="password" label="Password" fault={fault} type="password" autocomplete="new-password" placeholder={about?.has_password ? "Unchanged" : ""} hint={kept} />
      <details open={about !== undefined && about.tls !== "prefer" || fault?.field === "ca_certificate"}>
        <summary>Encryption on the way</summary>
        <div class="stack">
          <label class="field">TLS
            <select name="tls" data-testid="field-tls">
              {TLS.map(([value, label]) => <option key={value} value={value} selected={(about?.tls ?? "prefer") === value}>{label}</option>)}
            </select>
          </label>
          <Field name="ca_certificate" label="Certificate of its authority" fault={fault} lines value={about?.ca_certificate} placeholder="-----BEGIN CERTIFICATE-----" hint="PEM; only where no public authority has signed." />
        </div>
      </details>
    </>
  );
}

type Given = Partial<DataConnectionCreate>;

/** What stands in the form; what is empty is not said. */
function read(form: HTMLFormElement, kind: DataConnectionKind): Given {
  const data = new FormData(form);
  const fields = ["name", ...(kind === "sqlite" ? ["path"] : SERVER)];
  const given = fields.flatMap((name) => {
    // A password is taken to the letter.
    const text = name === "password" ? String(data.get(name) ?? "") : String(data.get(name) ?? "").trim();
    return text ? [[name, name === "port" ? Number(text) : text]] : [];
  });
  return Object.fromEntries(given);
}

/** Only what is new: where the connection leads changes together with the password. */
function changed(about: DataConnection, given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => about[name as keyof DataConnection] !== value));
}
