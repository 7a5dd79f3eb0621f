import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "./greeting.mjs";

const answering = (status, body) => async () => new Response(body, { status });

test("greeting", async () => {
  assert.equal(await greeting(answering(200, '{"service":"x"}')), "Served by x.");
  assert.equal(await greeting(answering(503, "")), "The service answers 503.");
  assert.equal(await greeting(async () => { throw new TypeError("refused"); }), "The service does not answer.");
  assert.equal(await greeting(answering(200, "no JSON")), "The service does not answer.");
});
