// The pages at /docs: the OpenAPI document and the table of errors as HTML, without scripts and whole in themselves.
import { documentStyle } from "./document-style.ts";
import { type Html, html, joined, prose } from "./html.ts";
import type { Media, OpenApiDocument, Operation, Parameter } from "./openapi-document.ts";
import { problemKinds } from "./problems.ts";
import { schemaTable, typeOf } from "./schema-html.ts";

export function documentPage({ info, tags, paths, webhooks, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return html`<h2 id="${name}">${name}</h2>${prose(description)}${joined(own.map(showOperation))}`;
  });
  const outgoing = Object.values(webhooks).flatMap(({ post }) =>
    post === undefined ? [] : [showOperation({ method: "post", path: "your URL", operation: post })],
  );
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<details id="shape-${name}"><summary><span class="path">${name}</span><span class="what">${
        schema.description ?? ""
      }</span></summary><div>${schemaTable(schema)}</div></details>`,
  );
  const places = [...tags.map(({ name }) => name), "deliveries-to-you", "shapes"];
  return page(
    `${info.title} API`,
    html`<h1>${info.title} <small>API ${info.version}</small></h1>
<p>${info.summary}</p>${prose(info.description)}
<nav aria-label="Sections"><ul>${joined(places.map((place) => html`<li><a href="#${place}">${place.replaceAll("-", " ")}</a></li>`))}
<li><a href="/docs/errors">errors</a></li><li><a href="/openapi.json">openapi.json</a></li></ul></nav>
<main>${joined(sections)}
<h2 id="deliveries-to-you">deliveries to you</h2><p>What Posthorn sends to a trigger's URL, by the trigger's format.</p>${joined(outgoing)}
<h2 id="shapes">shapes</h2>${joined(shapes)}</main>`,
  );
}

export function errorsPage(): string {
  const rows = Object.entries(problemKinds).map(
    ([code, { status, title, meaning }]) =>
      html`<tr id="${code}"><td><code>${code}</code></td><td>${String(status)}</td><td>${title}</td><td>${prose(meaning)}</td></tr>`,
  );
  return page(
    "Posthorn errors",
    html`<h1>Errors</h1>
<p>Errors are <code>application/problem+json</code> (RFC 9457). Programs should look at <code>code</code>, people at
<code>detail</code>; where a body is to blame, <code>errors</code> lists each thing with its place. <a href="/docs">Back to the API</a></p>
<div class="wide"><table><thead><tr><th>code</th><th>status</th><th>title</th><th>what it means</th></tr></thead>
<tbody>${joined(rows)}</tbody></table></div>`,
  );
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${{ html: documentStyle }}</style></head>
<body>${body}</body></html>
`.html;
}

// ── Operations ─────────────────────────────────────────────────────────────────────────────────────────────────────

function showOperation({ method, path, operation }: { method: string; path: string; operation: Operation }): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return html`<details id="${operationId}"><summary><span class="method ${method}">${method.toUpperCase()}</span>
<span class="path">${path}</span><span class="what">${summary}</span></summary>
<div>${prose(description ?? "")}${showAccess(operation)}${showParameters(parameters)}
${joined(Object.entries(requestBody?.content ?? {}).map(([type, media]) => showMedia(`Body: ${type}`, media)))}
${joined(Object.entries(responses).map(([status, response]) => showResponse(status, response)))}</div></details>`;
}

function showAccess({ security }: Operation): Html {
  if (security === undefined) return html``;
  const scopes = security.flatMap(({ key }) => key);
  return scopes.length === 0
    ? html`<p>Needs a key.</p>`
    : html`<p>Needs a key with the scope <code>${scopes.join(", ")}</code>.</p>`;
}

function showParameters(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return html``;
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      html`<tr><td><code class="${required === true ? "required" : ""}">${name}</code></td><td>${place}</td>
<td>${typeOf(schema)}</td><td>${prose(description ?? "")}</td></tr>`,
  );
  return html`<h3>Parameters</h3><div class="wide"><table><tbody>${joined(rows)}</tbody></table></div>`;
}

function showMedia(title: string, { schema, example, examples }: Media): Html {
  const shown = example ?? Object.values(examples ?? {})[0]?.value;
  const sample = shown === undefined ? html`` : html`<pre>${JSON.stringify(shown, null, 2)}</pre>`;
  return html`<h3>${title}</h3>${schemaTable(schema)}${sample}`;
}

function showResponse(status: string, { description, content = {} }: Operation["responses"][string]): Html {
  const [media] = Object.entries(content);
  const title = status === "default" ? "Otherwise" : status;
  if (media === undefined) return html`<h3>${title}</h3>${prose(description)}`;
  const [type, { schema }] = media;
  return html`<h3>${title}: ${type}</h3>${prose(description)}${schemaTable(schema)}`;
}
