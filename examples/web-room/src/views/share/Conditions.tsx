import { useState } from "preact/hooks";
import type { Column, File } from "@vizroom/client";
import { chips, type FilterState, without, words } from "../../room/filter";
import { Icon } from "../Icon";

interface Props {
  files: File[];
  state: FilterState;
  change: (state: FilterState) => void;
}

/** What rows must have, column by column. */
export function Conditions({ files, state, change }: Props) {
  const columns = columnsOf(files);
  const [name, setName] = useState("");
  const column = columns.get(name);
  return (
    <fieldset class="conditions stack tight">
      <legend>Only rows with</legend>
      {Object.keys(state).length > 0 && (
        <div class="chips">
          {chips(state).map((chip) => (
            <span key={chip.key} class="chip on" data-testid="condition">
              <span class="chip-label">{chip.label}</span>{chip.text}
              <button type="button" aria-label={`Remove ${chip.label} ${chip.text}`} onClick={() => change(without(state, [chip.key]))}><Icon name="close" size={12} /></button>
            </span>
          ))}
        </div>
      )}
      <div class="row wrap">
        <select aria-label="Column" value={name} data-testid="condition-column" onChange={(event) => setName(event.currentTarget.value)}>
          <option value="">Choose a column…</option>
          {[...columns.keys()].map((one) => <option key={one} value={one}>{words(one)}</option>)}
        </select>
        {column && <One key={name} column={column} add={(value) => { change({ ...state, [name]: value }); setName(""); }} />}
      </div>
    </fieldset>
  );
}

/** Each column once, by name; several tables may have it. */
function columnsOf(files: File[]): ReadonlyMap<string, Column> {
  const all = files.flatMap((file) => file.datasets.flatMap((dataset) => dataset.columns));
  return new Map(all.reverse().map((column) => [column.name, column]));
}

/** The values of one column: chosen among few, bounded where they have an order, or written. */
function One({ column, add }: { column: Column; add: (value: unknown) => void }) {
  const { type, distinct, top } = column;
  if (type === "boolean") return <Few values={[true, false]} add={add} />;
  if (type === "text") return top && distinct <= top.length ? <Few values={top} add={add} /> : <Written add={add} />;
  return <Range column={column} add={add} />;
}

function Few({ values, add }: { values: unknown[]; add: (value: unknown) => void }) {
  const [chosen, setChosen] = useState<unknown[]>([]);
  const tick = (value: unknown) => setChosen(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <>
      <div class="few" role="group" aria-label="Values">
        {values.filter((value) => value !== null).map((value) => (
          <label key={String(value)} class="row"><input type="checkbox" checked={chosen.includes(value)} onChange={() => tick(value)} />{String(value)}</label>
        ))}
      </div>
      <Add off={chosen.length === 0} add={() => add(chosen.length === 1 ? chosen[0] : chosen)} />
    </>
  );
}

function Written({ add }: { add: (value: unknown) => void }) {
  const [text, setText] = useState("");
  const values = text.split(",").map((one) => one.trim()).filter(Boolean);
  return (
    <>
      <input class="grow" aria-label="Values" placeholder="Values, separated by commas" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <Add off={values.length === 0} add={() => add(values.length === 1 ? values[0] : values)} />
    </>
  );
}

const DAY_MS = 86_400_000;

/** Both ends belong to it; of moments, the whole last day. */
function Range({ column, add }: { column: Column; add: (value: unknown) => void }) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const numbers = column.type === "number" || column.type === "integer";
  const read = (text: string) => (numbers ? Number(text) : text);
  const upper = () => {
    if (column.type !== "timestamp") return { lte: read(to) };
    return { lt: new Date(Date.parse(to) + DAY_MS).toISOString().slice(0, 10) };
  };
  const field = { type: numbers ? "number" as const : "date" as const, step: column.type === "integer" ? 1 : "any", class: "bound" };
  const hint = (value: unknown) => (numbers && value != null ? String(value) : "");
  return (
    <>
      <input {...field} aria-label="From" placeholder={hint(column.min)} value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      <span>to</span>
      <input {...field} aria-label="To" placeholder={hint(column.max)} value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      <Add off={!from && !to} add={() => add({ ...(from && { gte: read(from) }), ...(to && upper()) })} />
    </>
  );
}

function Add({ off, add }: { off: boolean; add: () => void }) {
  return <button type="button" disabled={off} data-testid="condition-add" onClick={add}><Icon name="plus" />Add</button>;
}
