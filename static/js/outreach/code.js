// A card's QR holds the code behind a "#", which no server sees. It goes into the field, and out of the address.

const field = document.querySelector("[data-code]");
const code = window.location.hash.slice(1).toUpperCase().replace(/[^0-9A-Z]/g, "");

if (field && code.length === 16) {
  field.value = code.match(/.{4}/g).join("-");
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  field.form.querySelector("button:not([type=button])").focus();
}
