// Handing out a reward without the network: for a live code, the voucher's own code
// from the same phone, and what is left of the lease.
import { refusedScreen } from "../answers.js";
import { h, icon } from "../dom.js";
import { codeOf } from "./codes.js";
import { Declined } from "./declined.js";
import { signal } from "../signal.js";
import { keptScreen } from "./kept.js";
import { keeping, presentedScreen } from "./present.js";
import { readVoucher } from "./reading.js";
import { redeeming, refusal } from "./rules.js";

/** Whether a reward may be handed out for a code at all. */
export const redeemable = (till, presented) => presented.genuine && presented.used.redeem === undefined && till.offline.left > 0;

/** Waits for the voucher's code. */
export function voucherScreen(till, presented) {
  const { offline, words } = till;
  till.presented = presented;
  till.show("voucher", h("div", { class: `scan${till.readers.seeing ? " seen" : ""}` },
    h("div", { class: "hint" }, h("h1", {}, till.say("voucher.title")), h("p", {}, till.say("voucher.how"))),
    till.readers.seeing ? h("div", { class: "frame", "aria-hidden": "true" }) : h("div", { class: "gun" }, icon("gift")),
    h("div", { class: "foot" },
      h("p", { class: "line" }, icon("gift"), h("span", {}, words.count("lease.left", offline.left, { until: words.moment(offline.lease.expires, till.now(), till.here.zone) }))),
      h("button", { type: "button", onclick: () => presentedScreen(till, presented) }, till.say("back"))),
  ));
}

/** Takes what was read as the voucher's code. The card's own may still be in view. */
export async function takeVoucher(till, read, { channel }) {
  const { presented } = till;
  if (codeOf(read, channel)?.card === presented.card) return;
  const voucher = await readVoucher(till, read, presented);
  const program = till.setup.programs.find((one) => one.rewards.some((reward) => reward.id === voucher.reward));
  if (program?.rewards.find((reward) => reward.id === voucher.reward).kind === "code") throw new Declined("offline_partner_code");
  const code = program && refusal(program, presented.method, "redeem", presented.at);
  if (code) throw new Declined(code);
  const name = program?.rewards.find((reward) => reward.id === voucher.reward).name ?? till.say("voucher.unnamed");
  confirm(till, presented, voucher, name);
}

function confirm(till, presented, voucher, reward) {
  signal("read", till.sound);
  const redeem = () => {
    if (till.now() - presented.at > redeeming) return refusedScreen(till, { code: "scan_expired" });
    return keeping(till, () => till.offline.redeem(presented, voucher, { reward }), (key) => keptScreen(till, presented, { do: "redeem", reward }, key));
  };
  till.show("redeem", h("div", { class: "sheet" },
    h("h1", {}, till.say("redeem.title")),
    h("p", { class: "gift" }, icon("gift"), h("b", {}, reward)),
    h("p", {}, `${till.say("card", { tail: presented.tail })} · ${till.say("reward.voucher")}`),
    h("p", { class: "notice" }, icon("offline"), h("span", {}, till.say("voucher.offline"))),
    h("button", { type: "button", class: "main", onclick: redeem }, till.say("redeem.button")),
    h("button", { type: "button", onclick: () => presentedScreen(till, presented) }, till.say("back")),
  ));
}
