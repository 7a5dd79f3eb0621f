import assert from "node:assert/strict";
import { test } from "node:test";
import { title } from "./index.mjs";

test("title", () => {
  for (const [text, expect] of [["", ""], [" a\t b ", "A B"], ["élan", "Élan"], ["ABC", "ABC"]]) {
    assert.equal(title(text), expect);
  }
});
