// Keeps the app, so that it opens without the network. The server puts `version`
// and `files` before this text: a hash of all files, and their addresses. A new
// version is fetched whole and waits until the cashier taps, so that no page ever
// runs on files of two versions.

const name = `till-${version}`;

addEventListener("install", (event) => event.waitUntil(fetchAll()));

async function fetchAll() {
  const cache = await caches.open(name);
  await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })));
}

addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  const others = (await caches.keys()).filter((key) => key.startsWith("till-") && key !== name);
  await Promise.all(others.map((key) => caches.delete(key)));
  await clients.claim();
}

addEventListener("message", (event) => { if (event.data === "load") skipWaiting(); });

addEventListener("fetch", (event) => {
  const { request } = event;
  const at = new URL(request.url);
  if (request.method !== "GET" || at.origin !== location.origin || !files.includes(at.pathname)) return;
  event.respondWith(kept(at.pathname).then((found) => found ?? fetch(request)));
});

const kept = async (path) => (await caches.open(name)).match(path, { ignoreVary: true });
