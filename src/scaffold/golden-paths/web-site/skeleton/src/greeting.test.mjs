import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "./greeting.mjs";

test("greeting", () => {
  for (const [hour, expect] of [[0, "Good night"], [5, "Good morning"], [12, "Good afternoon"], [18, "Good evening"]]) {
    assert.equal(greeting(hour), expect);
  }
});
