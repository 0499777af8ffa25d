// Why not, in words for who stands at the till. The server's own sentence is in
// English; it is shown only for what this app does not know yet.
import { format } from "./money.js";

/** What a refusal says, of its problem (RFC 9457), in the cashier's language. `here` is the till's id and zone, `now` the server's time. */
export function sentence(problem, words, here, now) {
  const own = problem.code === "credential_unknown" && problem.foreign ? `foreign.${problem.foreign}` : `problem.${problem.code}`;
  const said = used(problem, words, here, now) ?? (words.has(own) ? words.say(own) : problem.detail ?? words.say("problem.other"));
  return [said, limits(problem, words), wait(problem, words, now)].filter(Boolean).join(" ");
}

/** The heading of a refusal. */
export const heading = (problem, words) => words.say(words.has(`refused.${problem.code}`) ? `refused.${problem.code}` : "refused");

/** When and where a code was used before; undefined where nothing is told of it. */
function used({ used: first, code }, words, here, now) {
  if (!first) return undefined;
  const at = new Date(first.at);
  const ago = now - at;
  const when = ago < 3_600_000 ? words.say("ago", { span: words.span(ago) }) : words.moment(at, now, here.zone);
  const id = code === "purchase_already_credited" ? "used.purchase" : "used";
  if (first.till === here.till) return words.say(`${id}.here`, { when });
  return first.till_name ? words.say(`${id}.till`, { when, till: first.till_name }) : words.say(`${id}.elsewhere`, { when });
}

/** What would have been possible, or what it takes; `currency` is that of the reward, which the till knows. */
function limits({ code, least, most, currency }, words) {
  const money = (minor) => format(minor, currency, words.language);
  if (code === "insufficient_balance") return least && words.say("limit.units", { least: words.number.format(least), most: words.number.format(most ?? 0) });
  if (!currency || !least) return "";
  return most ? words.say("limit.amount", { least: money(least), most: money(most) }) : words.say("limit.least", { least: money(least) });
}

function wait({ retry_at: until }, words, now) {
  const left = until ? new Date(until) - now : 0;
  return left > 0 ? words.say("again", { span: words.span(left) }) : "";
}
