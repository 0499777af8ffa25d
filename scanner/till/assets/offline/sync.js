// Sends what waits, in calls that the server takes, and lets go of an item only when
// the server says what has become of it.
import { Refused } from "../server.js";

/** What is wrong with the items of a call, by the status of its refusal. All else is about the till. */
const spoiled = [400, 413, 422];

/** How many items one call takes, and how many characters of them. */
const most = 200, room = 400_000;

/** The first items that fit into one call; always one, if there is any. */
export function batch(items, limit = most) {
  let size = 0;
  const fits = (item, i) => i < limit && ((size += item.text.length + 3) <= room || i === 0);
  const end = items.findIndex((item, i) => !fits(item, i));
  return end < 0 ? items : items.slice(0, end);
}

/**
 * Sends all that waits of a till, with `again` also what the server has refused before.
 * Says whether something must be sent again later. Only one may run at a time. Errors:
 * Unanswered, Refused, Unkept.
 */
export async function sync(shelf, server, till, again = false) {
  let limit = most, later = false;
  const tried = new Set();
  for (;;) {
    const items = await next(shelf, (item) => item.till === till && (again || !item.refused) && !tried.has(item.hash), limit);
    if (items.length === 0) return later;
    let results;
    try {
      ({ results } = await server.ask("POST", "/v1/till/sync", { items: items.map((item) => item.text) }));
    } catch (error) {
      if (!(error instanceof Refused) || !spoiled.includes(error.problem.status)) throw error;
      if (items.length > 1) { // one of them spoils the call: the others must not wait for it
        limit = Math.ceil(items.length / 2);
        continue;
      }
      results = [{ ...error.problem, hash: items[0].hash, state: "refused" }];
    }
    for (const item of items) tried.add(item.hash);
    later = await settle(shelf, items, results) || later;
  }
}

/** The first of those that are wanted, marked as sent: from now on they cannot be taken back here, whether or not there is an answer. */
function next(shelf, wanted, limit) {
  return shelf.write(async (d) => {
    const items = batch((await d.all("items")).filter(wanted), limit);
    for (const item of items) if (!item.sent) await d.put("items", { ...item, sent: true });
    return items;
  });
}

/** Writes down what has become of items, all at once. Says whether some must be sent again. */
function settle(shelf, items, results) {
  return shelf.write(async (d) => {
    let left = false;
    const report = { name: "report", posted: 0, contested: 0, ...await d.get("notes", "report") };
    for (const [i, item] of items.entries()) {
      const { state, code, detail } = about(item, results[i]);
      const key = [item.queue, item.counter];
      if (!await d.get("items", key)) continue;
      if (state === "posted") {
        report.posted++;
        await d.drop("items", key);
      } else if (state === "contested") {
        report.contested++;
        const { queue, counter, hash, till, at, about } = item;
        await d.put("told", { queue, counter, hash, till, at, about, code, detail });
        await d.drop("items", key);
      } else if (state === "refused") {
        await d.put("items", { ...item, refused: { code, detail } });
      } else {
        left = true;
      }
    }
    if (report.posted + report.contested > 0) await d.put("notes", report);
    return left;
  });
}

/** What is said of an item: in its place, and by its name. One that could not be read has none. */
function about(item, result) {
  const unread = result?.state === "refused" && result.hash === undefined;
  return unread || result?.hash === item.hash ? result : {};
}
