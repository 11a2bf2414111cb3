// Holds Vega-Lite specs against the schema that Vega-Lite ships: `node specs.mjs FILE`, one JSON object a line with
// `where` it comes from, the `spec`, and the `columns` of its rows. Prints what is wrong; exits 1 if anything is.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { compile } from "vega-lite";

const ajv = new Ajv({ strict: false, allErrors: false, logger: false });
ajv.addFormat("color-hex", /^#([0-9a-f]{3}|[0-9a-f]{6})$/i);
ajv.addFormat("uri", (text) => URL.canParse(text));
ajv.addFormat("uri-reference", true);
const valid = ajv.compile(JSON.parse(readFileSync(new URL("node_modules/vega-lite/build/vega-lite-schema.json", import.meta.url))));

/** What could fetch, run or link to something. */
const REFUSED = new Set(["url", "expr", "signal", "href"]);

function refused(value, path = "") {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    [...(!Array.isArray(value) && REFUSED.has(key) ? [`${path}/${key} is there`] : []), ...refused(inner, `${path}/${key}`)]);
}

/** Fields that encodings name and neither the rows nor a transform give. */
function unknownFields(spec, columns) {
  const known = new Set(columns.map((column) => column.name));
  const seen = [];
  const walk = (value, key) => {
    if (typeof value !== "object" || value === null) return;
    if (key === "datasets") for (const rows of Object.values(value)) for (const row of rows) for (const name of Object.keys(Object(row))) known.add(name);
    if (Array.isArray(value.fields) && value.key) for (const name of value.fields) known.add(name);
    for (const made of [value.as].flat()) if (typeof made === "string") known.add(made);
    if (key === "transform") for (const one of value) for (const made of [one.fold ? ["key", "value"] : [], one.as ?? []].flat()) known.add(made);
    if (typeof value.field === "string") seen.push(value.field.replace(/\\(.)/g, "$1"));
    for (const [name, inner] of Object.entries(value)) walk(inner, name);
  };
  walk(spec, "");
  return [...new Set(seen)].filter((field) => !known.has(field)).map((field) => `names a column that is not there: ${field}`);
}

/** What Vega-Lite has to say while it compiles. */
function complaints(spec) {
  const said = [];
  const note = (...words) => (said.push(words.join(" ")), logger);
  const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
  try {
    compile(spec, { logger });
  } catch (error) {
    said.push(String(error));
  }
  return said;
}

function wrong({ spec, columns }) {
  const schema = valid(spec) ? [] : [`is no Vega-Lite: ${deepest(valid.errors)}`];
  const data = JSON.stringify(spec.data) === '{"name":"rows"}' ? [] : [`its data is ${JSON.stringify(spec.data)}`];
  return [...schema, ...data, ...refused(spec), ...unknownFields(spec, columns), ...complaints(spec)];
}

/** Of the branches that were tried, the one that got furthest says most. */
function deepest(errors) {
  const [error] = [...errors].sort((a, b) => b.instancePath.split("/").length - a.instancePath.split("/").length);
  return `${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`;
}

let failed = false;
for (const line of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  const card = JSON.parse(line);
  const said = wrong(card);
  if (said.length > 0) {
    failed = true;
    console.log(`${card.where}: ${said.join("; ")}`);
  }
}
process.exitCode = failed ? 1 : 0;
