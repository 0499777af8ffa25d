// Programs that look at the lines of a purchase, at a till where somebody types an
// amount: what has to be left out of it, and where no amount earns.
import { h, icon } from "./dom.js";

/** So many are named; a program may leave out hundreds. */
const named = 6;

/** What a program leaves out, by the names that it has for it; undefined where that is nothing. */
export function without(till, { exclude: { categories = [], skus = [] } = {} }) {
  const all = [...categories, ...skus];
  if (all.length === 0) return undefined;
  const what = all.slice(0, named).join(", ");
  const more = all.length - named;
  return h("p", { class: "without" }, more > 0 ? till.say("earn.without.more", { what, n: more }) : till.say("earn.without", { what }));
}

/** Whether an amount that is typed can earn. */
export const typed = (program) => program?.earn?.by === "spend" && !program.earn.lines_only;

/** That nothing can be typed, and why. */
export const linesOnly = (till) => h("p", { class: "notice" }, icon("bad"), h("span", {}, till.say("earn.lines")));
