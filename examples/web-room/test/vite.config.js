import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The tests as plain modules for `node --test`, which on Node 20 reads no TypeScript. */
export default defineConfig({
  root: here(".."),
  resolve: { alias: { "@vizroom/client": here("../../../protocol/typescript/src/index.ts") } },
  build: {
    ssr: true,
    outDir: "node_modules/.test",
    emptyOutDir: true,
    rolldownOptions: { input: ["board", "filter", "people", "words"].map((name) => here(`${name}.test.ts`)), output: { entryFileNames: "[name].js" } },
  },
});
