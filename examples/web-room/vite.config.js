import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a server: `make run` serves there. */
const server = process.env["VIZROOM_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  resolve: {
    // Built from source, so that the page needs no step before its own build.
    alias: { "@vizroom/client": fileURLToPath(new URL("../../protocol/typescript/src/index.ts", import.meta.url)) },
  },
  build: {
    // The room, and the page of a published dashboard.
    rollupOptions: { input: ["index.html", "public.html"] },
    target: "es2022",
    // The server's Content-Security-Policy allows no inline `data:` modules.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Vega alone is larger than the default; it is loaded with the first chart only.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: Object.fromEntries(["/server", "/api", "/ws"].map((path) => [path, { target: server, ws: path === "/ws" }])),
  },
});
