// HTML made of text that is escaped wherever it is put in.

/** Markup that may be put in as it is. */
export interface Html {
  readonly html: string;
}

/** A template whose values are escaped, except those that are markup already. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  return { html: parts.map((part, index) => part + textOf(values[index])).join("") };
}

export function joined(all: readonly Html[]): Html {
  return { html: all.map((each) => each.html).join("") };
}

/** A paragraph in which `code` and [links](/to) are marked up. */
export function prose(text: string): Html {
  if (text === "") return html``;
  const marked = escapeText(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>');
  return { html: `<p>${marked}</p>` };
}

function textOf(value: string | Html | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? escapeText(value) : value.html;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
