// How many requests there were and how long they took, as a histogram of Prometheus. Once you need more metrics than this, take
// prom-client.

/** The upper ends of the buckets, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const NAME = "http_request_duration_seconds";

export class Requests {
  #taken = new Map();

  /** `route` is a row of the table of routes and no path, so that there are few of them. */
  observe(route, status, seconds) {
    const labels = `route="${route}",status="${status}"`;
    let histogram = this.#taken.get(labels);
    if (!histogram) {
      histogram = { buckets: BOUNDS.map(() => 0), count: 0, seconds: 0 };
      this.#taken.set(labels, histogram);
    }
    BOUNDS.forEach((bound, index) => {
      if (seconds <= bound) histogram.buckets[index] += 1;
    });
    histogram.count += 1;
    histogram.seconds += seconds;
  }

  text() {
    const lines = [`# HELP ${NAME} How long requests took, by route and status.`, `# TYPE ${NAME} histogram`];
    for (const labels of [...this.#taken.keys()].sort()) {
      const { buckets, count, seconds } = this.#taken.get(labels);
      BOUNDS.forEach((bound, index) => lines.push(`${NAME}_bucket{${labels},le="${bound}"} ${buckets[index]}`));
      lines.push(`${NAME}_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`${NAME}_sum{${labels}} ${seconds}`);
      lines.push(`${NAME}_count{${labels}} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
