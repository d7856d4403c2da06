// Solves the small task that proves a person's device sent the form (ALTCHA, second version: PBKDF2 of nonce and
// counter must begin with the prefix), while somebody fills it in. Without it the form is sent all the same.

const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive({ nonce, salt, cost, keyLength }, counter) {
  const password = new Uint8Array(nonce.length / 2 + 4);
  password.set(bytes(nonce));
  new DataView(password.buffer).setUint32(nonce.length / 2, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  return hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
}

async function solve(challenge) {
  for (let counter = 0; counter < 1e6; counter += 1) {
    const derivedKey = await derive(challenge.parameters, counter);
    if (derivedKey.startsWith(challenge.parameters.keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
  return "";
}

const LONGEST = 15000; // then it goes without, with less trust
const pause = (ms) => new Promise((resolve) => setTimeout(() => resolve(""), ms));

async function start(form) {
  const challenge = JSON.parse(document.getElementById("proof-challenge").textContent);
  if (!crypto.subtle) return; // without https the report goes in with less trust
  const proof = solve(challenge);
  let solved = false;
  form.addEventListener("submit", async (event) => {
    if (solved) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    button.textContent = button.dataset.wait;
    form.elements.proof.value = await Promise.race([proof, pause(LONGEST)]);
    solved = true;
    form.requestSubmit();
  });
  form.elements.proof.value = await proof;
  solved = true;
}

document.querySelectorAll("form[data-report]").forEach((form) => start(form));
