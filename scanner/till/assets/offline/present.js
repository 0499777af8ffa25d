// A card that is shown while there is no network: what was read is checked as far as
// this till can, and what is done with it is kept until it can be sent.
import { earning } from "../card.js";
import { refusedScreen } from "../answers.js";
import { h, icon } from "../dom.js";
import { typed } from "../lines.js";
import { scanScreen } from "../scan.js";
import { signal } from "../signal.js";
import { Declined } from "./declined.js";
import { keptScreen } from "./kept.js";
import { readCard } from "./reading.js";
import { redeemable, takeVoucher, voucherScreen } from "./redeeming.js";
import { earning as earnLife, refusal } from "./rules.js";

/** A code that was just kept is not opened again by the camera for so long: it may still be in view. In ms. */
const lingering = 15_000;

/** Takes what was read. */
export async function present(till, read, reading) {
  if (!till.offline.ready) return till.home();
  till.looking = read;
  signal("read", till.sound);
  try {
    if (till.screen === "voucher") await takeVoucher(till, read, reading);
    else found(till, await either(till, read, reading));
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    refusedScreen(till, error.problem);
  } finally {
    till.looking = undefined;
    till.readers.redraw();
  }
}

/** What was read; where a scanner's keys can mean another text, that too. */
async function either(till, read, { channel, second }) {
  try {
    return await readCard(till, read, channel);
  } catch (error) {
    if (second === undefined || !(error instanceof Declined) || error.problem.code !== "credential_unknown") throw error;
    return readCard(till, second, channel);
  }
}

function found(till, presented) {
  const { kept } = till;
  const again = presented.channel === "camera" && kept?.tail === presented.tail && till.now() - kept.at < lingering;
  if (again) return scanScreen(till, { reopen: { tail: presented.tail, open: () => open(till, presented) } });
  return open(till, presented);
}

function open(till, presented) {
  const { used } = presented;
  if (used.earn !== undefined && (used.redeem !== undefined || !redeemable(till, presented))) {
    throw new Declined("credential_already_used", { used: till.offline.here(used.earn) });
  }
  presentedScreen(till, presented);
}

/** `program` is the one that the cashier has chosen, where there are several. */
export function presentedScreen(till, presented, program) {
  const { programs } = till.setup;
  const one = program ?? (programs.length === 1 ? programs[0] : undefined);
  const typing = presented.used.earn === undefined && typed(one);
  till.show("card", h("div", { class: typing ? "card spending" : "card" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, till.say("card", { tail: presented.tail ?? "?" })),
      one && h("p", { class: "program" }, one.name),
      h("p", { class: "missing" }, till.say(presented.genuine ? "offline.genuine" : "offline.provisional"))),
    h("div", { class: "actions" },
      presented.used.earn === undefined && (one ? earn(till, presented, one) : choice(till, presented)),
      presented.used.earn !== undefined && h("p", { class: "small" }, till.say("offline.earned")),
      redeemable(till, presented) && h("button", { type: "button", onclick: () => voucherScreen(till, presented) }, icon("gift"), till.say("offline.redeem")),
      presented.method !== "live" && till.offline.left > 0 && one?.kind !== "discount" && h("p", { class: "small" }, till.say("offline.redeem.how")),
      program && programs.length > 1 && h("button", { type: "button", class: "quiet", onclick: () => presentedScreen(till, presented) }, till.say("offline.another")),
      h("button", { type: "button", class: "quiet", onclick: () => till.home() }, till.say("close"))),
  ));
}

/** A code does not say which program its card is of. */
function choice(till, presented) {
  return h("section", { class: "rewards", "aria-labelledby": "which" },
    h("h2", { id: "which" }, till.say("offline.which")),
    h("ul", {}, till.setup.programs.map((program) => h("li", {}, h("button", { type: "button", onclick: () => presentedScreen(till, presented, program) }, h("b", {}, program.name))))));
}

function earn(till, presented, program) {
  const notice = (sentence) => h("p", { class: "notice", role: "status" }, icon("bad"), h("span", {}, till.say(sentence)));
  if (!program.earn) return notice("offline.discount");
  const code = refusal(program, presented.method, "earn", presented.at);
  if (code) return notice(`problem.${code}`);
  return earning(till, program, (said, about) => keep(till, presented, said, about), { alone: true, cancel: () => till.home() });
}

async function keep(till, presented, said, about) {
  if (till.now() - presented.at > earnLife) return refusedScreen(till, { code: "scan_expired" });
  return keeping(till, () => till.offline.earn(presented, said, about), (key) => keptScreen(till, presented, { do: "earn", ...about }, key));
}

/** Keeps something, once however often somebody presses, and says so when it is safe: `then` is told what it can be taken back by. */
export async function keeping(till, write, then) {
  if (till.keeping) return;
  till.keeping = true;
  let key;
  try {
    key = await write();
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    return refusedScreen(till, error.problem);
  } finally {
    till.keeping = false;
  }
  then(key);
}
