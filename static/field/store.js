// What the phone keeps: an IndexedDB of three shelves. Every write is on the disk before its promise resolves.
//   meta      one value a key (phone, current walk, words)
//   walks     {id, token, team, invite, pack, etag, …}: one enrolment each
//   records   {id, kind, walk, rev, body, state, …}: one concern or look each
//   photos    {id, record, bytes, type, sha256, thumb, state}

const NAME = "saferoutes-field";
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

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => upgrade(asked.result);
    asked.onerror = () => {
      forget();
      reject(asked.error);
    };
    asked.onsuccess = () => {
      const database = asked.result;
      database.onclose = forget; // the browser may drop the connection; the next call opens it again
      database.onversionchange = () => {
        database.close();
        forget();
      };
      resolve(database);
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
    transaction.onabort = () => reject(transaction.error || new Error("aborted"));
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
    if (error.name !== "InvalidStateError" && error.name !== "UnknownError") throw error;
    forget();
    return once(stores, mode, work);
  }
}

export const get = (store, key) => within(store, "readonly", (shelf) => done(shelf(store).get(key)));
export const all = (store) => within(store, "readonly", (shelf) => done(shelf(store).getAll()));
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
