// "Why did I get seven?": what each of the program's rules gave, for whoever asks.
import { h } from "./dom.js";

/** The reasons of an earn behind a question that `asked` hears of; undefined where the base rate alone says it all. */
export function because(till, answer, asked) {
  const reasons = answer.why ?? [];
  if (!reasons.some((reason) => reason.why !== "base")) return undefined;
  return h("details", { class: "because", ontoggle: asked },
    h("summary", {}, till.say("why")),
    h("ul", {}, reasons.map((reason) => h("li", {}, h("b", {}, signed(till.words, reason.units)), " ", label(till, reason)))));
}

const signed = (words, n) => (n > 0 ? `+${words.number.format(n)}` : words.number.format(n).replace("-", "−"));

const label = (till, { why, rule }) => (why === "bonus" || why === "tier" ? rule : till.say(`why.${why}`, { rule }));
