import { useState } from "preact/hooks";
import type { Client, DataConnection, SchemaColumn, SchemaTable } from "@vizroom/client";
import { formatCount } from "../../format";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { Failed, useAnswer, Waiting } from "../work";

/** From so many tables on, they can be searched. */
const SEARCHED_FROM = 8;

interface Props {
  client: Client;
  about: DataConnection;
  close: () => void;
}

/** What is in a database: tables, their columns, how they hang together. */
export function TablesDialog({ client, about, close }: Props) {
  const { answer, problem, again } = useAnswer(() => client.call("data_connection.schema", { connection_id: about.id }), [about.id]);
  const [wanted, setWanted] = useState("");
  const shown = answer?.tables.filter((table) => matches(table, wanted.trim().toLowerCase())) ?? [];
  return (
    <Dialog title={`Tables of “${about.name}”`} wide close={close} testid="tables-dialog">
      {problem ? <Failed problem={problem} again={again} /> : !answer ? <Waiting lines={5} /> : answer.tables.length === 0 ? (
        <div class="empty"><Icon name="table" size={24} /><p class="muted">There is no table that {about.username ?? "this server"} may read.</p></div>
      ) : (
        <>
          {answer.tables.length >= SEARCHED_FROM && (
            <input type="search" aria-label="Search tables and columns" placeholder="Search tables and columns" value={wanted} data-testid="tables-search"
              onInput={(event) => setWanted(event.currentTarget.value)} />
          )}
          <ul class="tables" data-testid="tables">
            {shown.map((table) => <Table key={table.dataset} about={table} open={answer.tables.length === 1} />)}
          </ul>
          {shown.length === 0 && <p class="muted">Nothing here has “{wanted.trim()}” in its name.</p>}
          {answer.truncated && <p class="hint">There is more: the first 200 tables are read, and 500 columns of each.</p>}
        </>
      )}
    </Dialog>
  );
}

function matches({ dataset, name, columns }: SchemaTable, wanted: string): boolean {
  return !wanted || [dataset, name, ...columns.map((column) => column.name)].some((one) => one.toLowerCase().includes(wanted));
}

function Table({ about, open }: { about: SchemaTable; open: boolean }) {
  const { dataset, schema, name, view, rows, columns } = about;
  const facts = [rows != null && `about ${formatCount(rows, "row")}`, formatCount(columns.length, "column")].filter(Boolean);
  return (
    <li>
      <details open={open} data-testid="table" data-name={dataset}>
        <summary>
          <b>{dataset}</b>
          {view && <span class="badge">view</span>}
          <span class="hint">{facts.join(" · ")}</span>
        </summary>
        {(name !== dataset || (schema && schema !== "public")) && <p class="hint">In the database: <code>{[schema, name].filter(Boolean).join(".")}</code></p>}
        <table class="columns">
          <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Key</th></tr></thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{column.name}{column.nullable && !about.primary_key?.includes(column.name) && <span class="hint"> may be empty</span>}</th>
                <td>{column.type ?? <span class="problem">not read</span>} <span class="hint">{column.declared}</span></td>
                <td>{keyOf(about, column)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </li>
  );
}

/** `primary key`, `→ genre.GenreId`, or both. */
function keyOf({ primary_key, foreign_keys }: SchemaTable, { name }: SchemaColumn): string {
  const foreign = (foreign_keys ?? []).flatMap(({ columns, table, references }) => {
    const at = columns.indexOf(name);
    return at < 0 ? [] : [`→ ${table}.${references[at]}`];
  });
  return [...(primary_key?.includes(name) ? ["primary key"] : []), ...foreign].join(", ");
}
