// What a browser keeps of cards: in IndexedDB the secret, as a key that no script can
// read, and how far the clock is off; in a cache the page, for flight mode.

const open = () => new Promise((resolve, reject) => {
  const request = indexedDB.open("stempel", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("cards");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function within(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const request = work(database.transaction("cards", mode).objectStore("cards"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    database.close();
  }
}

export const load = (token) => within("readonly", (cards) => cards.get(token));
export const save = (token, kept) => within("readwrite", (cards) => cards.put(kept, token));

/** The tokens of all cards that this browser has opened with a code. */
export const tokens = () => within("readonly", (cards) => cards.getAllKeys());

/** The cache of a card's page and of what it needs. */
export const shelf = (token) => `card ${token}`;

/** Nothing of the card is kept any longer; of other cards all is. */
export const forget = (token) => Promise.allSettled([
  within("readwrite", (cards) => cards.delete(token)),
  globalThis.caches?.delete(shelf(token)),
]);
