// The card's page, awake: the code that rotates, and what changes by itself. All
// that can be read was on the page before.
import { forget, load, save, shelf } from "./keep.js";
import { draw } from "./qr.js";
import { keepSecret, leftAt, stepAt, textOf } from "./rotating.js";

const page = location.pathname;
const token = page.split("/")[2];
const base = `/card/${token}`;
const words = document.body.dataset;
const code = document.getElementById("code"); // hidden while no till would take one
const screen = document.getElementById("screen");
const ring = document.getElementById("ring");
const left = document.getElementById("left");
const condition = document.getElementById("condition");
const state = document.getElementById("state");

// A card that was opened on the way from a tag at the counter goes back there, once it is
// known here.
const fresh = new URLSearchParams(location.search).get("told") === "card.fresh";
const comeBack = 10 * 60_000; // ms

function back() {
  const tap = JSON.parse(sessionStorage.getItem("tap") ?? "null");
  sessionStorage.removeItem("tap");
  if (!fresh || !tap || Date.now() - tap.at > comeBack || !tap.to.startsWith("/t/")) return;
  sessionStorage.setItem("tap card", token);
  location.replace(tap.to);
}

let secret; // { key, prefix, digits, period, skew }, skew in ms: what to add to our clock
let shown; // the period whose code is drawn
let signedOut = false;

// The secret, and the time. Told anew at each visit: the key may have changed.
async function learn() {
  const before = Date.now();
  const answer = await fetch(`/v1/cards/${words.card}/rotating`, {
    method: "POST", headers: { Authorization: `Bearer ${token}` }, cache: "no-store",
  });
  if (answer.status === 401) return leave();
  if (!answer.ok) throw new Error(`the secret was refused: ${answer.status}`);
  const told = await answer.json();
  const skew = Date.parse(told.server_time) - (before + Date.now()) / 2;
  secret = { ...(await keepSecret(told)), skew };
  shown = undefined;
  await save(token, secret).catch(() => {}); // then it lasts as long as the page
  await show();
}

async function leave() {
  signedOut = true;
  secret = undefined;
  screen.replaceChildren();
  document.documentElement.classList.add("signed-out");
  await forget(token);
  say();
}

async function show() {
  if (!secret || document.hidden || code.hidden) return;
  const now = Date.now() + secret.skew;
  const step = stepAt(secret, now);
  if (step !== shown) {
    shown = step;
    const text = await textOf(secret, step);
    if (step === shown) screen.replaceChildren(draw(text));
  }
  const rest = leftAt(secret, now);
  ring.setAttribute("stroke-dashoffset", String(100 - rest / secret.period / 10));
  left.textContent = `${Math.ceil(rest / 1000)} ${words.seconds}`;
}

// What a person should know of the code.
function say() {
  const off = Math.abs(secret?.skew ?? 0);
  const lines = [];
  if (signedOut) lines.push(words.signedOut);
  else if (!navigator.onLine) lines.push(words.offline);
  if (off > 10_000) {
    const amount = off < 120_000 ? `${Math.round(off / 1000)} ${words.seconds}` : `${Math.round(off / 60_000)} ${words.minutes}`;
    lines.push(words.skew.replace("{n}", amount));
  }
  const text = lines.join(" ");
  if (condition.textContent !== text) condition.textContent = text;
}

// Without the means to make codes (an old browser, or no HTTPS) the server draws.
function drawn() {
  const picture = new Image(512, 512);
  picture.alt = "";
  const next = () => { if (!code.hidden) picture.src = `${base}/qr.png?t=${Date.now()}`; };
  next();
  screen.replaceChildren(picture);
  setInterval(next, 30_000);
}

// The parts of the page that show the card, as the server renders them now. What
// changes while they are on their way is asked for once more, and what could not be
// had is asked for later.
let asking;
let stale = false;
function refresh() {
  stale = true;
  asking ??= (async () => {
    while (stale && !signedOut) {
      stale = false;
      if (await renew().catch(() => false)) continue;
      stale = true;
      break;
    }
    asking = undefined;
  })();
  return asking;
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status === 404) await leave();
  if (!answer.ok) return signedOut;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    const folds = now?.querySelectorAll("details") ?? []; // who has opened one goes on reading
    part.querySelectorAll("details").forEach((fold, i) => folds[i]?.toggleAttribute("open", fold.open));
    if (!now || now.innerHTML === part.innerHTML) continue;
    part.className = now.className; // what was empty had no frame
    part.replaceChildren(...now.childNodes);
  }
  const now = fresh.getElementById("state");
  state.dataset.version = now.dataset.version;
  code.hidden = fresh.getElementById("code").hidden;
  tell(now.dataset.change);
  keep();
  return true;
}

// The latest change as a sentence, when it is another one. While the card has a notice,
// which speaks for itself, there is none.
let change = state.dataset.change;
function tell(sentence) {
  if (sentence === change) return;
  document.getElementById("told").textContent = change && sentence; // what follows a notice is not new
  change = sentence;
  document.querySelector(".said")?.remove(); // that was before
}

// Being told of changes; while nobody tells, asking.
let stream;
function listen() {
  if (document.hidden || signedOut) return;
  if (stream?.readyState !== undefined && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource(`${base}/events?lang=${document.documentElement.lang}`);
  stream.onmessage = (event) => { if (event.data !== state.dataset.version) refresh(); };
  stream.onopen = () => { document.documentElement.dataset.live = "yes"; };
  stream.onerror = () => { document.documentElement.dataset.live = "no"; };
}

function hush() {
  stream?.close();
  stream = undefined;
}

// The screen stays on while the code is shown, where the browser can do that.
const awake = () => navigator.wakeLock?.request("screen").catch(() => {});

// The page and what it needs are kept for flight mode: as they are now, and nothing
// of how they were.
let keeping = Promise.resolve();
function keep() {
  if ("caches" in window) keeping = keeping.then(keepAll).catch(() => {});
  return keeping;
}

async function keepAll() {
  if (signedOut) return;
  const kept = await caches.open(shelf(token));
  const needed = [...document.querySelectorAll("link[rel=stylesheet], link[rel=manifest], script[src], .strip, .logo")]
    .map((element) => element.href ?? element.src)
    .concat(["keep.js", "qr.js", "rotating.js"].map((name) => new URL(name, import.meta.url).href));
  const itself = `${page}?lang=${document.documentElement.lang}`; // in the language that was chosen
  await Promise.all([
    fetch(itself, { headers: { Accept: "text/html" }, cache: "no-store" }).then((answer) => answer.ok && kept.put(page, answer)),
    ...needed.map((address) => kept.add(address)),
  ]);
  const wanted = new Set([new URL(page, location).href, ...needed]);
  for (const { url } of await kept.keys()) if (!wanted.has(url)) await kept.delete(url);
  document.documentElement.dataset.kept = "yes";
}

// Of the wallets only the one that this phone has.
function chooseWallet() {
  const other = /iPhone|iPad/.test(navigator.userAgent) ? "google" : /Android/.test(navigator.userAgent) ? "apple" : "";
  const links = [...document.querySelectorAll("[data-wallet]")];
  if (links.some((link) => link.dataset.wallet !== other)) links.forEach((link) => { link.hidden = link.dataset.wallet === other; });
}

async function begin() {
  chooseWallet();
  document.documentElement.classList.add("js");
  const address = new URL(location.href);
  address.searchParams.delete("told"); // said once
  history.replaceState(null, "", address);
  if (!crypto.subtle || !("indexedDB" in window)) {
    drawn();
    back();
  } else {
    secret = await load(token).catch(() => undefined);
    await show();
    learn().catch(() => {}).finally(() => { say(); back(); });
    setInterval(() => show().catch(() => {}), 250);
  }
  say();
  listen();
  awake();
  setInterval(() => {
    if (document.hidden || signedOut) return;
    if (stale || stream?.readyState !== EventSource.OPEN) refresh();
    listen();
  }, 10_000);
  if ("serviceWorker" in navigator) {
    await navigator.serviceWorker.register("/pages/worker.js", { scope: "/card/" }).catch(() => {});
    await keep();
  }
}

addEventListener("online", () => { learn().catch(() => {}).finally(say); refresh(); listen(); });
addEventListener("offline", say);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return hush();
  show(); refresh(); listen(); awake();
});
begin();
