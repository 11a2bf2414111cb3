// Puts the pages together, each file compressed: the server sends them as they are.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const from = (name) => readFile(join(here, name));

/** ReDoc shows a picture from its maker's server, which the page may not load. */
const redoc = (await from("node_modules/redoc/bundles/redoc.standalone.js"))
  .toString()
  .replaceAll("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,");

const files = new Map([
  ["docs/swagger-ui.css", await from("node_modules/swagger-ui-dist/swagger-ui.css")],
  ["docs/swagger-ui-bundle.js", await from("node_modules/swagger-ui-dist/swagger-ui-bundle.js")],
  ["redoc/redoc.standalone.js", Buffer.from(redoc)],
  ["asyncapi/base.css", await from("../web-room/src/styles/base.css")],
]);
for (const entry of await readdir(join(here, "src"), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const name = join(entry.parentPath, entry.name).slice(join(here, "src/").length);
  files.set(name, await from(join("src", name)));
}

await rm(join(here, "dist"), { recursive: true, force: true });
for (const [name, content] of files) {
  const path = join(here, "dist", `${name}.gz`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(content, { level: 9 }));
}
