// What the phone keeps: an IndexedDB of four shelves. Every write is on the disk before its promise resolves.
//   meta      one value a key (phone, current walk, words)
//   walks     {id, token, team, invite, pack, etag, …}: one enrolment each
//   records   {id, kind, walk, rev, body, state, …}: one of KINDS each
//   photos    {id, record, bytes, type, sha256, thumb, state}

const NAME = "saferoutes-field";
const PATIENCE = 8000; // some browsers never answer when they lost the database: better a loud failure than a silent wait
const LOST = new Set(["InvalidStateError", "UnknownError"]);
let opening = null;

function upgrade(database) {
  database.createObjectStore("meta");
  database.createObjectStore("walks", { keyPath: "id" });
  database.createObjectStore("records", { keyPath: "id" });
  database.createObjectStore("photos", { keyPath: "id" }).createIndex("record", "record");
}

function forget() {
  opening = null;
}

/** Lets the browser and other tabs close it; the next call opens it again. */
function watched(database) {
  database.onclose = forget;
  database.onversionchange = () => {
    database.close();
    forget();
  };
  return database;
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    const fail = (error) => {
      clearTimeout(timer);
      asked.onsuccess = () => asked.result.close(); // an answer after all: the next call has opened its own
      forget();
      reject(error);
    };
    const timer = setTimeout(() => fail(new DOMException("no answer", "TimeoutError")), PATIENCE);
    asked.onupgradeneeded = () => upgrade(asked.result);
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      clearTimeout(timer);
      resolve(watched(asked.result));
    };
  });
  return opening;
}

/** An IDBRequest as a promise; awaiting it keeps the transaction alive. */
export function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function once(stores, mode, work) {
  const database = await open();
  const transaction = database.transaction(stores, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
  const finished = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error || new DOMException("aborted", "AbortError"));
  });
  let result;
  try {
    result = await work((name) => transaction.objectStore(name));
  } catch (error) {
    finished.catch(() => {});
    try {
      transaction.abort();
    } catch {
      // it is over already
    }
    throw error;
  }
  await finished;
  return result;
}

/** Runs `work(shelf => IDBObjectStore)` in one transaction; resolves with its result after the commit. */
export async function within(stores, mode, work) {
  try {
    return await once(stores, mode, work);
  } catch (error) {
    // A dropped connection shows only when it is used (WebKit, Chrome after long sleep): open again, once.
    if (!LOST.has(error.name)) throw error;
    forget();
    return once(stores, mode, work);
  }
}

export const get = (store, key) => within(store, "readonly", (shelf) => done(shelf(store).get(key)));
export const all = (store) => within(store, "readonly", (shelf) => done(shelf(store).getAll()));
export const keys = (store) => within(store, "readonly", (shelf) => done(shelf(store).getAllKeys()));
export const set = (store, value, key) => within(store, "readwrite", (shelf) => done(shelf(store).put(value, key)));
export const remove = (store, key) => within(store, "readwrite", (shelf) => done(shelf(store).delete(key)));

/** Changes one row in place: `change(row)` returns the new row, or nothing to leave it. Resolves with what is kept. */
export function update(store, key, change) {
  return within(store, "readwrite", async (shelf) => {
    const row = await done(shelf(store).get(key));
    const changed = change(row);
    if (changed) await done(shelf(store).put(changed));
    return changed || row;
  });
}
