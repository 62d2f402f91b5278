// Draws /openapi.json: every endpoint, to read and to try out with a token.

SwaggerUIBundle({
  url: "/openapi.json",
  domNode: document.getElementById("api"),
  validatorUrl: null, // it would send our address to somebody else's server
  persistAuthorization: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
})
