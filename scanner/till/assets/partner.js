// A code of another shop that was just handed out: large, for the customer to take a
// picture of. It is on the customer's card, too.
import { h } from "./dom.js";

/** The code that an answer names, once the server has told it; undefined where there is none. */
export function partnerCode(till, answer) {
  const { code } = answer;
  if (!code) return undefined;
  const place = h("div", { class: "partner", role: "status" }, h("p", {}, till.say("partner.loading")));
  tell(till, code.id, place);
  return place;
}

async function tell(till, id, place) {
  try {
    const { code } = await till.server.ask("GET", `/v1/codes/${id}`);
    place.replaceChildren(h("p", { class: "code" }, code), h("p", {}, till.say("partner.show")));
    const picture = await fetch(`/v1/codes/${id}/qr.png?size=512`, { headers: { Authorization: `Bearer ${till.server.token}` }, cache: "no-store" });
    if (!picture.ok) return;
    const reader = new FileReader();
    reader.onload = () => place.prepend(h("img", { src: reader.result, alt: till.say("partner.picture"), width: 256, height: 256 }));
    reader.readAsDataURL(await picture.blob());
  } catch {
    place.replaceChildren(h("p", {}, till.say("partner.lost")));
  }
}
