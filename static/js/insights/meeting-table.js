// Counting a table: − and + change the number at once and nothing is sent until it is saved. Without this each of them
// is a button that sends the whole form.

const form = document.querySelector("[data-counting]");
if (form) start(form);

function start(form) {
  const total = document.querySelector("[data-total]");
  const unsaved = form.querySelector("[data-unsaved]");
  const fields = [...form.querySelectorAll("input[name^='n:']")];
  const before = new Map(fields.map((field) => [field, form.elements[`was:${field.name.slice(2)}`].value]));
  let isSent = false;

  const numberOf = (field) => (/^\d{1,4}$/.test(field.value.trim()) ? Number(field.value) : 0);
  const isChanged = () => fields.some((field) => numberOf(field) !== Number(before.get(field)));

  function show() {
    total.textContent = String(fields.reduce((sum, field) => sum + numberOf(field), 0));
    const words = isChanged() ? unsaved.dataset.words : "";
    if (unsaved.textContent !== words) unsaved.textContent = words;
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    const field = button.closest("[data-step-line]").querySelector("input[name^='n:']");
    field.value = String(Math.min(500, Math.max(0, numberOf(field) + Number(button.dataset.step))));
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", () => {
    isSent = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && isChanged()) event.preventDefault();
  });
  show();
}
