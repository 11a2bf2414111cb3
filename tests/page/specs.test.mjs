// Every chart that the server draws is valid Vega-Lite, compiles without a warning, and shows its marks.
// `cargo run --example specs | node tests/page/specs.test.mjs` (without --test, which keeps standard input to itself).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import Ajv from "ajv";
import addFormats from "ajv-formats";
import { parse, View } from "vega";
import { compile } from "vega-lite";

const require = createRequire(import.meta.url);
const schema = JSON.parse(readFileSync(require.resolve("vega-lite/vega-lite-schema.json"), "utf8"));
const ajv = new Ajv({ allErrors: false, strict: false });
addFormats(ajv);
ajv.addFormat("color-hex", () => true);
const valid = ajv.compile(schema);

// What the page has, too.
const page = createRequire(new URL("../../examples/web-room/package.json", import.meta.url));
const { feature } = page("topojson-client");

/** The outlines that a map asks for, as features. */
function outlines(atlas) {
  if (atlas === undefined) return undefined;
  const [path, name] = { world: ["world-atlas/countries-110m.json", "countries"], us: ["us-atlas/states-10m.json", "states"] }[atlas];
  const topology = page(path);
  return feature(topology, topology.objects[name]).features.map((one) => ({ ...one, id: one.id ?? one.properties.name }));
}

const charts = readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter(({ spec }) => spec);
assert.ok(charts.length > 15, `only ${charts.length} charts`);

/** Number of the scene's items that stand for data. */
function marks(node) {
  if (!node.items) return 0;
  if (node.marktype !== "group") return node.role === "mark" || node.role === "scope" ? node.items.length : 0;
  return node.items.flatMap((group) => group.items ?? []).reduce((sum, inner) => sum + marks(inner), 0);
}

for (const [index, { kind, title, spec, rows }] of charts.entries()) {
  test(`${index} ${kind}: ${title}`, async () => {
    assert.ok(valid(spec), JSON.stringify(valid.errors?.[0]));
    const complaints = [];
    const heard = (...said) => complaints.push(said.join(" "));
    const logger = { level: () => logger, error: heard, warn: heard, info: () => logger, debug: () => logger };
    const sized = { ...spec, width: 480, height: 300 };
    const { spec: compiled } = compile(sized, { logger });
    const view = new View(parse(compiled), { renderer: "none", logger });
    const has = (name) => compiled.data.some((set) => set.name === name);
    if (has("rows")) view.data("rows", rows);
    assert.ok(has("rows") || spec.datasets, "it shows its rows");
    const shapes = outlines(spec.usermeta?.shapes);
    assert.equal(has("shapes"), shapes !== undefined);
    if (shapes) view.data("shapes", shapes);
    await view.runAsync();
    assert.deepEqual(complaints, []);
    assert.ok(JSON.stringify(compiled).includes('"pick_tuple"'), "marks can be picked");
    const drawn = marks(view.scenegraph().root);
    assert.ok(drawn > 0 && (await view.toSVG()).includes("<path"), `${drawn} marks`);
    view.finalize();
  });
}
