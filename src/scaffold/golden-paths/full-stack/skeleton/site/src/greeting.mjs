/** What the service says of itself; `fetch` is handed in so that a test can stand in for it. */
export async function greeting(fetch) {
  try {
    const answer = await fetch("/api/");
    if (!answer.ok) return `The service answers ${answer.status}.`;
    const { service } = await answer.json();
    return `Served by ${service}.`;
  } catch {
    return "The service does not answer.";
  }
}
