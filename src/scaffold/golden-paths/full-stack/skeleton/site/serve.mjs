// Hands out src/ and asks the service for /api/ while you work on it; in the image nginx does both.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("src/", import.meta.url));
const types = { ".html": "text/html", ".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml" };
const service = process.env.SERVICE ?? "http://localhost:8080";
const port = Number(process.env.PORT ?? 3000);

createServer(async (request, response) => {
  if (request.url.startsWith("/api/")) {
    const answer = await fetch(service + request.url.slice("/api".length)).catch(() => undefined);
    response.writeHead(answer?.status ?? 502, { "content-type": answer?.headers.get("content-type") ?? "text/plain" });
    response.end(answer ? Buffer.from(await answer.arrayBuffer()) : "no answer\n");
    return;
  }
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  const wanted = join(root, path);
  const file = existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(root, "index.html");
  response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
  createReadStream(file).pipe(response);
}).listen(port, "127.0.0.1", () => console.log(`http://localhost:${port}`));
