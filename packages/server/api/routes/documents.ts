// What the API says of itself: the OpenAPI document, and pages made from it that need nothing from elsewhere.
import { hash } from "node:crypto";
import { Type } from "typebox";
import type { App } from "../app.ts";
import { documentPage, errorsPage } from "../document-pages.ts";
import { documentStyle } from "../document-style.ts";

const tags = ["node"];
/** No script, nothing from elsewhere, and no style but the page's own. */
const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", documentStyle, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function documentRoutes(app: App): void {
  const documentText = once(() => JSON.stringify(app.swagger()));
  const docs = once(() => documentPage(JSON.parse(documentText())));
  const errors = once(errorsPage);

  app.get(
    "/openapi.json",
    {
      config: { access: "open" },
      schema: {
        operationId: "readOpenApi",
        tags,
        summary: "Read this document",
        response: { 200: Type.Unsafe<unknown>({ type: "object", description: "OpenAPI 3.1." }) },
      },
    },
    async (_request, reply) => reply.type("application/json; charset=utf-8").send(documentText()),
  );
  pageRoute(app, "/docs", "readDocs", "Read this document as a page", docs);
  pageRoute(app, "/docs/errors", "readErrors", "Read what the errors mean", errors);

  app.get(
    "/",
    {
      config: { access: "open" },
      schema: {
        operationId: "openNode",
        tags,
        summary: "Leads to the documentation",
        response: { 302: Type.Null({ description: "To /docs." }) },
      },
    },
    async (_request, reply) => reply.redirect("/docs"),
  );
}

function pageRoute(app: App, url: string, operationId: string, summary: string, page: () => string): void {
  app.get(
    url,
    {
      config: { access: "open" },
      schema: {
        operationId,
        tags,
        summary,
        produces: ["text/html"],
        response: { 200: Type.String({ description: "A page." }) },
      },
    },
    async (_request, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .headers({
          "content-security-policy": policy,
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
        })
        .send(page()),
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
