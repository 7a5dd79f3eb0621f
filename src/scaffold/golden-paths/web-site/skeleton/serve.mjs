// Hands out src/ while you work on it; in the image nginx does that.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("src/", import.meta.url));
const types = { ".html": "text/html", ".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml" };
const port = Number(process.env.PORT ?? 8080);

createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  const wanted = join(root, path);
  const file = existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(root, "index.html");
  response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
  createReadStream(file).pipe(response);
}).listen(port, "127.0.0.1", () => console.log(`http://localhost:${port}`));
