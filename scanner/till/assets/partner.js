// A code of another shop that was handed out: large, for the customer to read or to
// take a picture of, and on paper for who wants that. The text is asked for each time
// it is shown and never kept; which codes there were is, for as long as this till may
// read them.
import { h, icon } from "./dom.js";
import { keep } from "./keep.js";

/** For so long the server tells a till the codes that it handed out, in ms. */
const readable = 15 * 60_000;

/** The codes that this till handed out and may still read, the newest first: [{id, entry, card, name, until, at}]. */
const handed = (till) => (keep.get("codes") ?? []).filter(({ at }) => till.now() - at < readable);

/** The code that an answer names, to be shown, turned to the customer, or printed; `back` leads here again. Undefined where there is none. */
export function partnerCode(till, { offer, text }, { code, card, entries }, back) {
  forget(till, entries);
  if (!code) return undefined;
  const known = handed(till).filter(({ id }) => id !== code.id);
  const one = { id: code.id, entry: entries.find(({ kind }) => kind === "redeem").id, card: card.id, name: offer?.name ?? text, until: code.expires_at, at: till.now() };
  keep.set("codes", [one, ...known]);
  return h("div", { class: "coupon" },
    slip(till, one),
    h("p", { class: "small" }, till.say("partner.show")),
    h("div", { class: "ways" },
      h("button", { type: "button", onclick: () => codeScreen(till, one, back) }, icon("turn"), till.say("partner.turn")),
      printing(till)));
}

/** The codes of a card, as buttons that show them again. */
export const codesOf = (till, { id }, back) => handed(till).filter(({ card }) => card === id).map((one) =>
  h("button", { type: "button", class: "line", onclick: () => codeScreen(till, one, back) }, icon("gift"), h("span", {}, till.say("partner.again", { name: one.name }))));

/** A code whose redemption was taken back is not shown any more. */
function forget(till, entries) {
  const gone = entries.filter(({ kind }) => kind === "void").map(({ origin }) => origin);
  const kept = keep.get("codes");
  if (kept && gone.length > 0) keep.set("codes", handed(till).filter(({ entry }) => !gone.includes(entry)));
}

/** The screen that is turned to the customer. */
function codeScreen(till, one, back) {
  const hide = h("button", { type: "button", class: "main", onclick: back }, till.say("partner.hide"));
  till.show("code", h("div", { class: "turned" }, slip(till, one, { large: true }), h("div", { class: "ways" }, printing(till), hide)), { focus: hide });
}

const printing = (till) => h("button", { type: "button", onclick: () => print() }, icon("print"), till.say("partner.print"));

/** What is on paper, too: whose it is, what it is good for, and the code. */
function slip(till, one, { large = false } = {}) {
  const place = h("div", { class: "secret", role: "status" });
  tell(till, one.id, place);
  const until = one.until && new Intl.DateTimeFormat(till.words.language, { timeZone: till.here.zone, dateStyle: "long" }).format(new Date(one.until));
  return h("section", { class: large ? "slip large" : "slip", "aria-label": till.say("partner.code") },
    h("p", { class: "shop" }, till.setup.merchant_name),
    h(large ? "h1" : "p", { class: "for" }, one.name),
    place,
    until && h("p", {}, till.say("good.until", { until })));
}

/** Asks for a code and puts it into its place. */
async function tell(till, id, place) {
  place.replaceChildren(h("p", {}, till.say("partner.loading")));
  try {
    const { code } = await till.server.ask("GET", `/v1/codes/${id}`);
    const text = h("p", { class: "code" }, code);
    text.style.setProperty("--length", Math.max(10, code.length)); // so that it is as large as there is room
    place.replaceChildren(text);
    const picture = await fetch(`/v1/codes/${id}/qr.png?size=1024`, { headers: { Authorization: `Bearer ${till.server.token}` }, cache: "no-store" });
    if (!picture.ok) return;
    const reader = new FileReader();
    reader.onload = () => place.prepend(h("img", { src: reader.result, alt: till.say("partner.picture"), width: 256, height: 256 }));
    reader.readAsDataURL(await picture.blob());
  } catch (error) {
    if (place.querySelector(".code")) return; // the text is there, if not its picture
    const over = error.problem?.code === "code_not_found";
    place.replaceChildren(h("p", {}, till.say(over ? "partner.over" : "partner.lost")));
    if (!over) place.append(h("button", { type: "button", onclick: () => tell(till, id, place) }, till.say("unanswered.again")));
  }
}
