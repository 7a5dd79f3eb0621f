import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { drain } from "./server.mjs";
import { createService } from "./service.mjs";

let service;
let url;

beforeEach(async () => {
  service = createService(() => {});
  service.server.listen(0, "127.0.0.1");
  await once(service.server, "listening");
  service.ready = true;
  url = `http://127.0.0.1:${service.server.address().port}`;
});

afterEach(() => {
  service.server.close();
  service.server.closeAllConnections();
});

test("routes", async () => {
  for (const [path, status] of [["/", 200], ["/livez", 200], ["/readyz", 200], ["/metrics", 200], ["/nowhere", 404]]) {
    assert.equal((await fetch(url + path)).status, status, path);
  }
  assert.deepEqual(await (await fetch(url)).json(), { service: "${{ values.name }}" });
  assert.equal((await fetch(url, { method: "POST" })).status, 405);
});

test("is alive and not ready before it serves", async () => {
  service.ready = false;
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});

test("requests are counted", async () => {
  await fetch(url);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^http_requests_total 1$/m);
});

test("drains before it ends", async () => {
  const ended = drain(service, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  await ended;
  await assert.rejects(fetch(url));
});
