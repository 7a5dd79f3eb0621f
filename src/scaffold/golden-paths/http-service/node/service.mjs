// Everything that answers. Add your routes to the table.
import { createServer } from "node:http";
import { Requests } from "./requests.mjs";

const QUIET = new Set(["/livez", "/readyz", "/metrics"]);

/** A service with its server, not listening yet and not ready. `log` takes a level, a message and fields. */
export function createService(log) {
  const service = { ready: false };
  const requests = new Requests();

  const routes = {
    "/": () => json(200, { service: "${{ values.name }}" }),
    "/livez": () => text(200, "ok\n"),
    "/readyz": () => (service.ready ? text(200, "ok\n") : text(503, "not ready\n")),
    "/metrics": () => ({ ...text(200, requests.text()), type: "text/plain; version=0.0.4" }),
  };

  const path = (request) => request.url.split("?")[0];

  function answer(request) {
    const route = path(request);
    if (!Object.hasOwn(routes, route)) return text(404, "not found\n");
    if (request.method !== "GET" && request.method !== "HEAD") return text(405, "method not allowed\n");
    try {
      return routes[route](request);
    } catch (error) {
      log("error", "failed", { path: route, error: String(error) });
      return text(500, "internal error\n");
    }
  }

  service.server = createServer((request, response) => {
    const start = performance.now();
    const { status, type, body } = answer(request);
    response.writeHead(status, { "content-type": type });
    response.end(body);
    const milliseconds = performance.now() - start;
    const route = path(request);
    requests.observe(Object.hasOwn(routes, route) ? route : "", status, milliseconds / 1000);
    if (!QUIET.has(route)) {
      log("info", "request", { method: request.method, path: route, status, milliseconds: Math.round(milliseconds) });
    }
  });
  return service;
}

const text = (status, body) => ({ status, type: "text/plain; charset=utf-8", body });
const json = (status, value) => ({ status, type: "application/json", body: `${JSON.stringify(value)}\n` });
