import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { Requests } from "./requests.mjs";
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

test("requests are measured", async () => {
  await fetch(url);
  for (const path of ["/nowhere/1", "/nowhere/2"]) await fetch(url + path);
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  for (const line of [
    'http_request_duration_seconds_bucket{route="/",status="200",le="10"} 1',
    'http_request_duration_seconds_bucket{route="/",status="200",le="+Inf"} 1',
    'http_request_duration_seconds_count{route="/",status="200"} 1',
    'http_request_duration_seconds_count{route="",status="404"} 2',
  ]) assert.ok(lines.includes(line), `${line}\n${lines.join("\n")}`);
});

test("a bucket holds what took no longer", () => {
  const requests = new Requests();
  for (const seconds of [0.005, 0.006, 60]) requests.observe("/", 200, seconds);
  const lines = requests.text().split("\n");
  for (const line of [
    'http_request_duration_seconds_bucket{route="/",status="200",le="0.005"} 1',
    'http_request_duration_seconds_bucket{route="/",status="200",le="0.01"} 2',
    'http_request_duration_seconds_bucket{route="/",status="200",le="10"} 2',
    'http_request_duration_seconds_bucket{route="/",status="200",le="+Inf"} 3',
  ]) assert.ok(lines.includes(line), `${line}\n${lines.join("\n")}`);
});

test("drains before it ends", async () => {
  const ended = drain(service, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  await ended;
  await assert.rejects(fetch(url));
});
