// Everything that answers. Add your routes to the table.
import { createServer } from "node:http";

const QUIET = new Set(["/livez", "/readyz", "/metrics"]);

/** A service with its server, not listening yet and not ready. `log` takes a level, a message and fields. */
export function createService(log) {
  const service = { ready: false, requests: 0, failures: 0 };

  const routes = {
    "/": () => json(200, { service: "${{ values.name }}" }),
    "/livez": () => text(200, "ok\n"),
    "/readyz": () => (service.ready ? text(200, "ok\n") : text(503, "not ready\n")),
    "/metrics": () =>
      text(
        200,
        `# TYPE http_requests_total counter\nhttp_requests_total ${service.requests}\n` +
          `# TYPE http_failures_total counter\nhttp_failures_total ${service.failures}\n`,
      ),
  };

  function answer(request) {
    const path = request.url.split("?")[0];
    if (!Object.hasOwn(routes, path)) return text(404, "not found\n");
    if (request.method !== "GET" && request.method !== "HEAD") return text(405, "method not allowed\n");
    try {
      return routes[path](request);
    } catch (error) {
      log("error", "failed", { path, error: String(error) });
      return text(500, "internal error\n");
    }
  }

  service.server = createServer((request, response) => {
    const start = performance.now();
    const { status, type, body } = answer(request);
    response.writeHead(status, { "content-type": type });
    response.end(body);
    service.requests += 1;
    if (status >= 500) service.failures += 1;
    if (!QUIET.has(request.url)) {
      const milliseconds = Math.round(performance.now() - start);
      log("info", "request", { method: request.method, path: request.url, status, milliseconds });
    }
  });
  return service;
}

const text = (status, body) => ({ status, type: "text/plain; charset=utf-8", body });
const json = (status, value) => ({ status, type: "application/json", body: `${JSON.stringify(value)}\n` });
