"use strict";
SwaggerUIBundle({
  url: new URL("openapi.json", location.href).href,
  dom_id: "#ui",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  // The badge of a validator that lives elsewhere.
  validatorUrl: null,
});
