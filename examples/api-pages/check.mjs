// Holds the AsyncAPI document against the parser of those who write its specification.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const text = await readFile(new URL("../../protocol/generated/asyncapi.json", import.meta.url), "utf8");
const { document, diagnostics } = await new Parser().parse(text);
// 0 is an error, 1 a warning; the rest are hints.
const wrong = diagnostics.filter(({ severity }) => severity < 2);
for (const { path, message } of wrong.slice(0, 20)) console.error(path.join("."), message);
if (wrong.length > 0 || !document) process.exit(1);
console.log(`asyncapi.json: ${document.operations().all().length} operations, valid`);
