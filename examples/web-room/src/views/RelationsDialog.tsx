import { useState } from "preact/hooks";
import type { ColumnType, Dashboard, Relation } from "@vizroom/client";
import { fetched } from "../room/board";
import { same } from "../room/filter";
import type { RoomState } from "../room/state";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { Failed, Problem, useAnswer, useWork, Waiting } from "./work";

interface Props {
  room: RoomState;
  id: string;
  close: () => void;
}

/** A table and what its columns hold. */
interface Known {
  name: string;
  columns: { name: string; type: ColumnType }[];
}

/** How the tables of a dashboard hang together: a filter on what is named then narrows what names it, too. */
export function RelationsDialog({ room, id, close }: Props) {
  const { answer, setAnswer, problem, again } = useAnswer(() => read(room, id), [room, id]);
  const { busy, problem: trouble, work } = useWork();
  /** Changes what was said, by the newest of it: others may filter or say more meanwhile. */
  const say = (how: (said: Relation[]) => Relation[]) => work(async () => {
    const { relations, revision } = await room.client.call("dashboard.get", { dashboard_id: id });
    const now = await room.client.call("dashboard.update", { dashboard_id: id, relations: how(relations ?? []), base_revision: revision });
    room.change(id, (board) => fetched(board, now));
    setAnswer((before) => before && { ...before, dashboard: now });
  });
  return (
    <Dialog title="How the tables hang together" wide close={close} testid="relations">
      <p class="hint">A column of one table may name rows of another, as an order names its customer: a filter on the customers then narrows the orders, too.</p>
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting /> : (
        <>
          <List {...answer} busy={busy} remove={room.mayEdit.value ? (one) => void say((said) => said.filter((other) => !same(one, other))) : undefined} />
          {!room.mayEdit.value ? <p class="hint">Editors of this room say more of them.</p>
            : answer.tables.length < 2 ? <p class="hint">This dashboard has one table: there is nothing it could hang together with.</p>
            : <Add tables={answer.tables} busy={busy} add={(one) => say((said) => [...said, one])} />}
        </>
      )}
      <Problem text={trouble} />
    </Dialog>
  );
}

interface Answer {
  dashboard: Dashboard;
  tables: Known[];
  /** What the files and the database say themselves. */
  declared: Relation[];
}

async function read({ client, files }: RoomState, id: string): Promise<Answer> {
  const dashboard = await client.call("dashboard.get", { dashboard_id: id });
  const { connection } = dashboard;
  if (!connection) {
    const origins = dashboard.origins ?? [];
    // A file's tables may have other names here.
    const here = files.peek().flatMap((file) => origins.filter((origin) => origin.file_id === file.id).map((origin) => ({ file, ...origin })));
    const tables = here.flatMap(({ file, dataset, table }) => file.datasets.filter(({ name }) => name === dataset).map(({ columns }) => ({ name: table, columns })));
    const named = (id: string, dataset: string) => here.find(({ file, ...origin }) => file.id === id && origin.dataset === dataset)?.table;
    const declared = [...new Set(here.map(({ file }) => file))].flatMap((file) => (file.relations ?? []).flatMap((one) => {
      const [table, to_table] = [named(file.id, one.table), named(file.id, one.to_table)];
      return table && to_table ? [{ ...one, table, to_table }] : [];
    }));
    return { dashboard, tables, declared };
  }
  const schema = await client.call("data_connection.schema", { connection_id: connection.connection_id });
  const tables = schema.tables.map(({ dataset, columns }) => ({
    name: dataset, columns: columns.flatMap(({ name, type }) => (type ? [{ name, type }] : [])),
  }));
  const declared = schema.tables.flatMap(({ dataset, foreign_keys }) => (foreign_keys ?? []).flatMap(({ columns, table, references }) =>
    (columns.length === 1 ? [{ table: dataset, column: columns[0]!, to_table: table, to_column: references[0]! }] : [])));
  return { dashboard, tables, declared };
}

function List({ dashboard, declared, busy, remove }: Answer & { busy: boolean; remove: ((one: Relation) => void) | undefined }) {
  const said = dashboard.relations ?? [];
  if (said.length + declared.length === 0) return <p class="muted" data-testid="no-relations">Nothing is said yet: each table is filtered by its own columns only.</p>;
  return (
    <ul class="lines">
      {declared.map((one) => (
        <li key={`declared ${name(one)}`} class="row wrap" data-testid="relation-declared"><Words of={one} /><span class="hint">said by the data itself</span></li>
      ))}
      {said.map((one) => (
        <li key={name(one)} class="row wrap" data-testid="relation">
          <Words of={one} />
          {remove && <button class="bad" disabled={busy} aria-label={`Remove ${name(one)}`} data-testid="relation-remove" onClick={() => remove(one)}>Remove</button>}
        </li>
      ))}
    </ul>
  );
}

function Words({ of: { table, column, to_table, to_column } }: { of: Relation }) {
  return <span class="grow"><code>{table}.{column}</code> names rows of <code>{to_table}.{to_column}</code></span>;
}

function name({ table, column, to_table, to_column }: Relation): string {
  return `${table}.${column} → ${to_table}.${to_column}`;
}

/** Both ends are chosen; of the second, only what has the same type as the first. */
function Add({ tables, busy, add }: { tables: Known[]; busy: boolean; add: (one: Relation) => Promise<boolean> }) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const ends = tables.flatMap((table) => table.columns.map((column) => ({ table: table.name, ...column, key: JSON.stringify([table.name, column.name]) })));
  const first = ends.find(({ key }) => key === from);
  const fitting = ends.filter((end) => first && end.table !== first.table && end.type === first.type);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const second = fitting.find(({ key }) => key === to);
    if (!first || !second) return;
    void add({ table: first.table, column: first.name, to_table: second.table, to_column: second.name }).then((well) => well && (setFrom(""), setTo("")));
  };
  return (
    <form class="row wrap relation-add" onSubmit={submit}>
      <End label="Column" testid="relation-from" value={from} ends={ends} choose={(key) => { setFrom(key); setTo(""); }} />
      <span>names rows of</span>
      <End label="Column of the other table" testid="relation-to" value={to} ends={fitting} choose={setTo} none={first && fitting.length === 0 ? "No column of that type" : undefined} />
      <button class="primary" disabled={busy || !from || !to} data-testid="relation-add"><Icon name="plus" />Add</button>
    </form>
  );
}

interface EndProps {
  label: string;
  testid: string;
  value: string;
  ends: { table: string; name: string; key: string }[];
  choose: (key: string) => void;
  none?: string | undefined;
}

function End({ label, testid, value, ends, choose, none }: EndProps) {
  const tables = [...new Set(ends.map((end) => end.table))];
  return (
    <select class="grow" aria-label={label} value={value} disabled={ends.length === 0} data-testid={testid} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">{none ?? "Choose a column…"}</option>
      {tables.map((table) => (
        <optgroup key={table} label={table}>
          {ends.filter((end) => end.table === table).map(({ key, name }) => <option key={key} value={key}>{table}.{name}</option>)}
        </optgroup>
      ))}
    </select>
  );
}
