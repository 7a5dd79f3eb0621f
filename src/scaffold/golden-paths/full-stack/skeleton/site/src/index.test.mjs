import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const page = readFileSync(new URL("index.html", import.meta.url), "utf8");

test("what the page refers to is there", () => {
  const paths = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
  assert.notEqual(paths.length, 0);
  for (const path of paths) assert.ok(existsSync(new URL(path, import.meta.url)), path);
});

test("what the script looks for is on the page", () => {
  assert.match(page, /id="greeting"/);
});
