// Answers HTTP until it is told to stop, and then lets its callers go first.
import { pathToFileURL } from "node:url";
import { createService } from "./service.mjs";

const log = (level, message, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));

/**
 * Says for a while that it is not ready, so that no new requests are sent here, and finishes those that it has.
 * Resolves when the last connection is closed.
 */
export async function drain(service, milliseconds) {
  service.ready = false;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await new Promise((resolve) => {
    service.server.close(resolve);
    service.server.closeIdleConnections();
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = Number(process.env.PORT ?? ${{ values.port }});
  const seconds = Number(process.env.DRAIN_SECONDS ?? 5);
  const service = createService(log);
  service.server.listen(port, () => {
    service.ready = true;
    log("info", "ready", { port });
  });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log("info", "draining", { seconds });
      setTimeout(() => process.exit(1), (seconds + 15) * 1000).unref();
      drain(service, seconds * 1000).then(() => process.exit(0));
    });
  }
}
