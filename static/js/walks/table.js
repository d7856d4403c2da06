// The sign-in table. A tick is kept on this device before it is sent, goes again until the server has it, and is one
// tick however often it arrives. Without this the forms work as they are, as long as there is a network.

const EVERY = 15000;
const PATIENCE = 10000;
const SOON = 3000;
const LONGEST = 60000;
const MANY = 60;
const NOT_SOONER = 5000;

const table = document.querySelector("[data-table]");
const url = table.dataset.table;
const shelf = `saferoutes-table:${url}`;
const parts = table.querySelector("[data-parts]");
const wait = table.querySelector("[data-wait]");
const refusals = table.querySelector("[data-refusals]");
const find = table.querySelector("[data-find]");
const greeter = document.querySelector("[data-greeter]");

let sending = false;
let timer = 0;
let pause = SOON;
let isSignedOut = false;
let stamp = "";
let askedAt = 0;

const queue = () => {
  try {
    return JSON.parse(localStorage.getItem(shelf)) || [];
  } catch {
    return [];
  }
};

/** Writes the queue; false where this device keeps nothing (private window, full). */
function keep(ticks) {
  try {
    localStorage.setItem(shelf, JSON.stringify(ticks));
    return true;
  } catch {
    return false;
  }
}

function sayWaiting() {
  const n = queue().length;
  wait.hidden = !n;
  const words = isSignedOut ? table.dataset.signedOut : n === 1 ? table.dataset.oneWaiting : table.dataset.waiting.replace("%(n)s", n);
  if (n && wait.textContent !== words) wait.textContent = words;
}

function sayRefused(words, name) {
  const line = document.createElement("p");
  line.className = "note note-danger";
  line.textContent = table.dataset.refused.replace("%(what)s", [name, words].filter(Boolean).join(": "));
  refusals.append(line);
}

async function ask(address, options) {
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(), PATIENCE);
  try {
    return await fetch(address, { ...options, signal: abort.signal, credentials: "same-origin" });
  } finally {
    clearTimeout(late);
  }
}

const csrf = () => table.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

/** Sends one tick: true when the server has decided about it, false when it must wait. */
async function send(tick) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
  const answer = await ask(url, { method: "POST", headers, body: JSON.stringify(tick.body) });
  isSignedOut = answer.redirected || answer.status === 403;
  if (isSignedOut || !answer.ok) return false;
  const said = await answer.json(); // a captive portal's page is no answer of ours
  if (!said.ok) sayRefused(said.says, tick.name);
  return true;
}

async function drain() {
  if (sending) return;
  sending = true;
  let went = false;
  try {
    for (let first = queue()[0]; first; first = queue()[0]) {
      const others = () => queue().filter((one) => one.body.tick !== first.body.tick);
      if (!(await send(first))) {
        keep([...others(), first]); // what the server stumbles over goes behind the others
        throw new Error("waits");
      }
      keep(others());
      went = true;
      sayWaiting();
    }
    pause = SOON;
  } catch {
    pause = Math.min(LONGEST, pause * 2);
    plan(pause);
  } finally {
    sending = false;
    sayWaiting();
  }
  if (!went || queue().length) return;
  // A long list costs the server something: four greeters must not ask for it after every tick.
  const left = parts.querySelectorAll("[data-guest]").length > MANY ? askedAt + NOT_SOONER - Date.now() : 0;
  if (left > 0) plan(left);
  else await refresh();
}

function plan(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => (queue().length ? drain() : refresh()), ms);
}

/** The list as others changed it; never while ticks wait, and never under somebody's fingers. */
async function refresh() {
  plan(EVERY);
  const active = document.activeElement;
  const isTyping = parts.contains(active) && active.matches("input:not([type=hidden]), select, textarea");
  const isOpen = parts.querySelector(".table-more[open]");
  if (queue().length || isTyping || isOpen || document.hidden) return;
  askedAt = Date.now();
  try {
    const answer = await ask(table.dataset.page, { headers: { "X-Part": "table", "X-Stamp": stamp } });
    if (!answer.ok || answer.status === 204 || answer.redirected || queue().length) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!fresh.querySelector(".table-now")) return;
    parts.replaceChildren(...fresh.body.childNodes);
    stamp = answer.headers.get("X-Stamp") || "";
    filter();
  } catch {
    // no network: what is shown stays
  }
}

// --- ticking --------------------------------------------------------------------------------------------------------

function bodyOf(form) {
  const body = Object.fromEntries(new FormData(form));
  delete body.csrfmiddlewaretoken;
  const id = crypto.randomUUID?.() || `${Date.now()}`;
  Object.assign(body, { tick: id, at: new Date().toISOString(), greeter: greeter?.value || body.greeter || "" });
  if (["check_in", "walk_up", "hand_out"].includes(body.do)) body.client_id = id;
  return body;
}

/** Shows at once what the server will say later. */
function show(form, body) {
  stamp = ""; // what is shown isn't what the server sent any more
  if (body.do === "head") {
    const number = form.closest(".table-head").querySelector("[data-heads]");
    number.textContent = `${Number(number.textContent) + 1}`;
    return;
  }
  const row = form.closest("[data-guest], .table-team, li");
  if (row) row.classList.add("is-going");
  for (const button of (row || form).querySelectorAll("button[type=submit]")) button.disabled = true;
  if (body.do === "check_in") row.classList.add("is-here");
  if (body.do === "out") row.classList.add("is-out");
  if (body.do === "walk_up") {
    form.reset();
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    const item = document.createElement("li");
    item.className = "table-guest is-here is-going";
    item.dataset.guest = body.name;
    item.textContent = body.name;
    parts.querySelector("[data-guests]")?.prepend(item);
  }
}

table.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-tick]");
  if (!form) return;
  const body = bodyOf(form);
  const name = form.closest("[data-guest]")?.dataset.guest || body.name || "";
  if (!keep([...queue(), { body, name }])) return; // sent as a form then: it isn't kept here
  event.preventDefault();
  show(form, body);
  sayWaiting();
  drain();
});

// --- finding --------------------------------------------------------------------------------------------------------

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function filter() {
  const wanted = plain(find.value.trim());
  let n = 0;
  for (const row of parts.querySelectorAll("[data-guest]")) {
    row.hidden = Boolean(wanted) && !plain(row.dataset.guest).includes(wanted);
    n += !row.hidden;
  }
  const nobody = parts.querySelector("[data-nobody]");
  if (nobody) nobody.hidden = n > 0;
}

/** A person's own link, pasted or scanned: their row alone. */
async function findByLink(text) {
  const code = /\/my\/([^/?#]+)/.exec(text)?.[1];
  if (!code) return false;
  const answer = await ask(`${table.dataset.page}?code=${encodeURIComponent(code)}`, { headers: { "X-Part": "code" } }).catch(() => null);
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  const row = said?.signup && parts.querySelector(`[data-code="${CSS.escape(said.signup)}"]`);
  if (!row) return false;
  for (const other of parts.querySelectorAll("[data-guest]")) other.hidden = other !== row;
  row.querySelector("button[type=submit]")?.focus();
  return true;
}

find.addEventListener("input", async () => {
  if (find.value.includes("/my/") && (await findByLink(find.value))) find.value = "";
  else filter();
});
find.form.addEventListener("submit", (event) => {
  event.preventDefault();
  filter();
});

async function scan(button, view) {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  view.srcObject = stream;
  view.hidden = false;
  await view.play();
  for (let tries = 0; tries < 120 && !view.hidden; tries += 1) {
    const [seen] = await detector.detect(view).catch(() => []);
    if (seen && (await findByLink(seen.rawValue))) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  for (const track of stream.getTracks()) track.stop();
  view.hidden = true;
}

const scanButton = table.querySelector("[data-scan]");
if ("BarcodeDetector" in window && navigator.mediaDevices) {
  scanButton.hidden = false;
  scanButton.addEventListener("click", () => scan(scanButton, table.querySelector("[data-scan-view]")).catch(() => find.focus()));
}

if (greeter) {
  greeter.value ||= sessionStorage.getItem("saferoutes-greeter") || "";
  greeter.addEventListener("change", () => sessionStorage.setItem("saferoutes-greeter", greeter.value));
}
for (const event of ["online", "focus", "pageshow"]) addEventListener(event, () => plan(200));
addEventListener("beforeunload", (event) => queue().length && event.preventDefault());
sayWaiting();
plan(queue().length ? 200 : EVERY);
filter();
