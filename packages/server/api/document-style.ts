// The look of the pages at /docs, light and dark. It stands in the page itself, so that a page needs nothing else.
export const documentStyle = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2430, #dfe5ee);
  --quiet: light-dark(#5b6675, #94a0b2);
  --paper: light-dark(#fdfdfc, #12161c);
  --panel: light-dark(#f4f4f1, #1a2028);
  --line: light-dark(#dfe1dd, #2a323d);
  --accent: light-dark(#a4480c, #f0a268);
  --get: light-dark(#1f6f43, #6ecf9b);
  --post: light-dark(#1d5fa8, #7db4f0);
  --patch: light-dark(#86590a, #e2b765);
  --delete: light-dark(#a8262f, #f08d94);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto;
  max-width: 76rem;
  padding: 2.5rem 1.25rem 6rem;
  background: var(--paper);
  color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif;
}
a { color: var(--accent); text-underline-offset: 0.15em; }
code, pre, .path { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875em; }
pre { overflow-x: auto; padding: 0.75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
h1 small { font-size: 0.9rem; font-weight: 400; color: var(--quiet); letter-spacing: 0; }
h2 { margin: 3rem 0 0.25rem; font-size: 1.3rem; }
h3 { margin: 1.25rem 0 0.25rem; font-size: 0.875rem; color: var(--quiet); }
p { margin: 0.35rem 0; max-width: 46rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 1.5rem 0 0; list-style: none; }
details { margin: 0.5rem 0; border: 1px solid var(--line); border-radius: 6px; }
details[open] { background: var(--panel); }
details[open] pre { background: var(--paper); }
summary {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0.2rem 0.75rem;
  padding: 0.5rem 0.9rem;
  cursor: pointer;
}
summary::-webkit-details-marker { display: none; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
details > div { padding: 0 0.9rem 0.9rem; }
.method { min-width: 3.6rem; font-weight: 650; font-size: 0.8rem; letter-spacing: 0.04em; }
.get { color: var(--get); } .post { color: var(--post); } .patch { color: var(--patch); } .delete { color: var(--delete); }
.path { overflow-wrap: anywhere; }
.what, .rule { color: var(--quiet); }
.what { margin-left: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.925rem; }
.wide { overflow-x: auto; }
th { text-align: left; font-weight: 600; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; vertical-align: top; border-top: 1px solid var(--line); }
td p { margin: 0; }
tr:target td { background: var(--panel); }
.required::after { content: " *"; color: var(--accent); }
`;
