// What a browser keeps of cards, in IndexedDB: the secret as a key that no script
// can read, and how far the clock is off.

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
export const forget = (token) => within("readwrite", (cards) => cards.delete(token));
