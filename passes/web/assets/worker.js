// Behind the card's pages: what the network does not answer in time comes from
// what the page has kept. It keeps nothing itself, and stays out of the way of a page
// that asks for what is true now ("no-store").

const patience = 4000; // ms

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const at = new URL(request.url);
  const pages = /^\/(pages\/|card\/[^/]+$|card\/[^/]+\/(strip\.png|logo\.png|style\.css|icon\.png|manifest\.webmanifest)$)/;
  if (request.method !== "GET" || request.cache === "no-store" || at.origin !== location.origin || !pages.test(at.pathname)) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const asked = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  try {
    const first = await Promise.race([asked, late]);
    if (first && first.status < 500) return first;
  } catch { /* no network */ }
  return (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? asked;
}
