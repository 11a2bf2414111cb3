// Writes src/types.ts from the protocol's JSON Schema: `npm run generate [schema.json]`.
//
// The schema is `{operations: {name: {input, output}}, events: {name: {data}}, $defs}`. The result has one type per
// definition, and the two maps `Operations` and `Events` from which calls and listeners get their types.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const source = process.argv[2] ?? new URL("../generated/schema.json", import.meta.url);
const { operations, events, $defs } = JSON.parse(await readFile(source, "utf8"));

const row = (about, properties) => ({
  type: "object", description: about, properties, required: Object.keys(properties), additionalProperties: false,
});
const table = (rows, describe) => row(undefined, Object.fromEntries(Object.entries(rows).map(([name, one]) => [name, describe(one)])));

const root = {
  title: "Wire",
  type: "object",
  additionalProperties: false,
  properties: { operations: { $ref: "#/$defs/Operations" }, events: { $ref: "#/$defs/Events" } },
  required: ["operations", "events"],
  $defs: {
    ...$defs,
    Operations: table(operations, ({ about, input, output }) => row(about, { input, output })),
    Events: table(events, ({ data }) => data),
  },
};

alwaysSent();
for (const definition of Object.values(root.$defs)) tidy(definition);

const types = await compile(root, "Wire", {
  // A list that is never empty is still made like any other.
  ignoreMinAndMaxItems: true,
  additionalProperties: false, unknownAny: true, unreachableDefinitions: true, format: true,
  style: { printWidth: 120 },
  bannerComment: "// Generated from protocol/generated/schema.json by `npm run generate`. Do not edit.",
});
await writeFile(new URL("src/types.ts", import.meta.url), withoutNoise(types));

/** The root exists only to hold the rest, and who refers to what is told by the types themselves. */
function withoutNoise(text) {
  return text
    .replace(/export interface Wire \{[^}]*\}\n/, "")
    .replace(/\/\*\*\n \* This \w+ was referenced by [^/]*\*\/\n/g, "")
    .replace(/\n \*\n \* This \w+ was referenced by [^\n]*\n \* via the [^\n]*/g, "");
}

/** What a reader may leave out because it has a default, the server always writes: in replies and events it is there. */
function alwaysSent() {
  const sent = new Set();
  const walk = (node) => {
    if (node === null || typeof node !== "object") return;
    const name = typeof node.$ref === "string" ? node.$ref.replace("#/$defs/", "") : undefined;
    if (name !== undefined && !sent.has(name)) {
      sent.add(name);
      walk($defs[name]);
    }
    Object.values(node).forEach(walk);
  };
  Object.values(operations).forEach(({ output }) => walk(output));
  Object.values(events).forEach(({ data }) => walk(data));
  for (const name of sent) {
    const { properties, required = [] } = $defs[name];
    const defaulted = Object.entries(properties ?? {}).filter(([, one]) => one?.default !== undefined && one.default !== null);
    if (defaulted.length > 0) $defs[name].required = [...new Set([...required, ...defaulted.map(([key]) => key)])];
  }
}

/** Titles would rename types, bounds of numbers say nothing in TypeScript, and a `$ref` beside a text loses its name. */
function tidy(node) {
  if (node === null || typeof node !== "object") return;
  delete node.title;
  delete node.default;
  if (node.$ref !== undefined && node.description !== undefined) {
    node.allOf = [{ $ref: node.$ref }];
    delete node.$ref;
  }
  for (const [key, value] of Object.entries(node)) {
    // Below `properties` the keys are the protocol's, not the schema's.
    if (key === "properties") Object.values(value).forEach(tidy);
    else tidy(value);
  }
}
