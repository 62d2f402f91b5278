// What docs.js uses of Swagger UI, which its bundle leaves on the page.
declare global {
  function SwaggerUIBundle(options: {
    url: string
    domNode: Element | null
    validatorUrl: string | null
    persistAuthorization: boolean
    docExpansion: "none" | "list" | "full"
    defaultModelsExpandDepth: number
  }): unknown
}

export {}
