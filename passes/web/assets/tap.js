// The page behind a tag on a shop's counter. Which card is meant only this browser knows:
// the server is asked with its token, and only then is the tap used.
import { forget, tokens } from "./keep.js";

const words = document.body.dataset;
const language = `lang=${document.documentElement.lang}`;
const part = (id) => document.getElementById(id);
const panel = part("tap");
const mine = sessionStorage.getItem("tap card"); // that was opened a moment ago, on the way from here

function say({ state, heading, text, again = false, code = "" }) {
  panel.dataset.state = state;
  panel.dataset.code = code;
  part("heading").textContent = heading;
  part("text").textContent = text ?? "";
  part("again").hidden = !again;
  part("left").hidden = state !== "waiting";
  part("choice").hidden = state !== "choosing";
}

const lost = () => say({ state: "lost", heading: words.lost, text: words.lostText, again: true });

async function ask(path, body) {
  const answer = await fetch(`${path}?${language}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store",
  });
  return { ok: answer.ok, told: await answer.json() };
}

// The cards of this browser that the tag is for.
async function begin() {
  part("again").onclick = begin;
  const known = [...new Set([mine, ...(await tokens().catch(() => []))].filter(Boolean))].slice(-20);
  if (known.length === 0) return none();
  try {
    const { ok, told } = await ask(`${words.tag}/cards`, { tokens: known });
    if (!ok) return say(told);
    await Promise.all(told.gone.map((index) => forget(known[index])));
    if (told.cards.length === 0) return none();
    const cards = told.cards.map((card) => ({ ...card, token: known[card.index] }));
    cards.length === 1 ? take(cards[0]) : choose(cards);
  } catch {
    lost();
  }
}

// By its name the till tells it from others that wait.
const title = ({ name, count }) => `${name} · ${count}`;

function take(card) {
  part("card").textContent = title(card);
  part("card").hidden = false;
  return give(card.token);
}

function choose(cards) {
  say({ state: "choosing", heading: words.choose });
  part("choice").replaceChildren(...cards.map((card) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title(card);
    button.onclick = () => take(card);
    return button;
  }));
}

// Without a card there is one to be had, and then the way back to this tap.
function none() {
  panel.hidden = true;
  part("none").hidden = false;
  part("join").onclick = () => sessionStorage.setItem("tap", JSON.stringify({ to: location.pathname + location.search, at: Date.now() }));
}

// A page that is loaded again asks for the same once more, and is answered the same.
const named = `tap ${words.message}`;
const once = sessionStorage.getItem(named) ?? words.once;
sessionStorage.setItem(named, once);

async function give(token) {
  part("again").onclick = () => give(token);
  part("again").hidden = true;
  part("choice").hidden = true;
  try {
    const { told } = await ask(words.tag, { token, message: words.message, once });
    told.state === "waiting" ? wait(token, told) : done(token, told);
  } catch {
    lost();
  }
}

// Until somebody at the till decides. While nobody tells, the page asks.
function wait(token, asked) {
  const ends = performance.now() + asked.left;
  const path = `/card/${token}/taps/${asked.approval}`;
  const stream = new EventSource(`${path}/events?${language}`);
  const hear = (told) => {
    if (told.state === "waiting") return;
    stream.close();
    clearInterval(counting);
    clearInterval(asking);
    done(token, told);
  };
  const count = () => {
    const rest = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    part("left").textContent = `${rest} ${words.seconds}`;
  };
  say(asked);
  count();
  const counting = setInterval(count, 250);
  const asking = setInterval(async () => {
    if (stream.readyState === EventSource.OPEN && performance.now() < ends + 5000) return;
    const answer = await fetch(`${path}?${language}`, { cache: "no-store" }).catch(() => undefined);
    if (answer) hear(await answer.json());
  }, 3000);
  stream.onmessage = (event) => hear(JSON.parse(event.data));
}

// What became of it, and the card as it is now.
async function done(token, told) {
  say(told);
  const link = part("open");
  link.href = `/card/${token}?${language}`;
  link.hidden = told.code === "page_gone" || told.code === "unauthorized";
  if (told.state !== "approved") return;
  sessionStorage.removeItem("tap card");
  const answer = await fetch(link.href, { headers: { Accept: "text/html" }, cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok) return;
  const card = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("state");
  part("card").closest(".hero").replaceChildren(...card.childNodes);
}

begin();
