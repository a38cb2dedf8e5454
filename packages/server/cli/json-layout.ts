// JSON laid out for reading. It works on the text, not on values, so that 12.50 stays 12.50 and 64-bit numbers stay whole.

/** Lays out valid JSON: on one line where it fits in `width` characters, else indented. Strings and numbers stay as they are. */
export function layOutJson(text: string, width: number): string {
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s"[\]{},:]+/gs) ?? [];
  const line = tokens.map((token) => (token === "," || token === ":" ? `${token} ` : token)).join("");
  return line.length <= width ? line : indent(tokens);
}

function indent(tokens: readonly string[]): string {
  let depth = 0;
  let laidOut = "";
  for (const [index, token] of tokens.entries()) {
    const isEmpty = isOpening(tokens[index - 1]) && isClosing(token);
    if (isClosing(token)) depth -= 1;
    const breaks = isClosing(token) ? !isEmpty : isOpening(tokens[index - 1]) || tokens[index - 1] === ",";
    laidOut += `${breaks ? `\n${"  ".repeat(depth)}` : ""}${token === ":" ? ": " : token}`;
    if (isOpening(token)) depth += 1;
  }
  return laidOut;
}

function isOpening(token: string | undefined): boolean {
  return token === "{" || token === "[";
}

function isClosing(token: string): boolean {
  return token === "}" || token === "]";
}
