"use strict";
Redoc.init(
  new URL("openapi.json", location.href).href,
  {
    disableSearch: false,
    expandResponses: "200",
    hideDownloadButton: false,
    nativeScrollbars: true,
    theme: {
      colors: { primary: { main: "#3d52c4" }, text: { primary: "#1d2129" } },
      sidebar: { backgroundColor: "#f6f6f4" },
      rightPanel: { backgroundColor: "#1d222b" },
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif", fontWeight: "600" },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  document.getElementById("ui"),
);
