// No committed file tells where it was written: no paths of one machine, no mirrors of the package registry.
import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, readRepositoryFile } from "./sources.ts";
import { assertNone } from "./violations.ts";

const binary = /\.(png|ico|woff2?|gz|wasm|db)$/;
const registry = "https://registry.npmjs.org/";

const forbidden: readonly { readonly pattern: RegExp; readonly rule: string }[] = [
  { pattern: /(?<![\w.~$}/-])\/(work|root|home\/[\w-]+|Users\/[\w-]+)\//, rule: "a path of one machine" },
  { pattern: /(?<![\w.~$}/-])\/tmp\/\w/, rule: "a fixed temporary path: take os.tmpdir() or mktemp" },
  { pattern: /"resolved":\s"http(?!s:\/\/registry\.npmjs\.org\/)/, rule: `a mirror: packages come from ${registry}` },
  { pattern: /^\s*(@[\w-]+:)?registry\s*=/m, rule: "a registry of one's own: everyone installs from npm's" },
];

function forbiddenIn(path: string, text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const broken = forbidden.filter(({ pattern }) => pattern.test(line));
    return broken.map(({ rule }) => `${path}:${index + 1} ${rule}`);
  });
}

test("no committed file names a machine or a mirror", () => {
  const paths = filesBelow(".").filter((path) => !binary.test(path));
  assertNone(
    paths.flatMap((path) => forbiddenIn(path, readRepositoryFile(path))),
    "write what holds on every machine:",
  );
});

test("the rule catches what it is for, and nothing else", () => {
  const lines = (start: string): readonly string[] => [`cd ${start}a`, `"${start}a"`, `(${start}a)`, `x=${start}a`];
  const caught = [
    ...["work", "root", ["home", "ada"].join("/"), "tmp"].flatMap((name) => lines(`/${name}/`)),
    ['"resolved":', '"http://mirror.example/a.tgz"'].join(" "),
    ["registry", "http://mirror.example"].join("="),
  ];
  const free = [
    "packages/server/work/a",
    "https://example.com/work/a",
    "$HOME/work/",
    `"resolved": "${registry}a.tgz"`,
  ];
  const found = (line: string): number => forbiddenIn("a.md", line).length;
  assert.deepEqual(
    caught.filter((line) => found(line) !== 1),
    [],
  );
  assert.deepEqual(
    free.filter((line) => found(line) !== 0),
    [],
  );
});
