// The desk's list: counts what is ticked, and keeps empty filters out of the address.

function cleanAddress(form) {
  form.addEventListener("submit", () => {
    const empty = [...form.elements].filter((field) => field.name && !field.value && !field.disabled);
    for (const field of empty) field.disabled = true;
    // A page that comes back from the browser's own cache must have its fields again.
    setTimeout(() => empty.forEach((field) => (field.disabled = false)));
  });
}

function countTicks(form) {
  const told = form.querySelector("[data-n-ticked]");
  if (!told) return;
  const all = form.querySelector("input[name=all]");
  const boxes = [...form.querySelectorAll("input[name=concern]")];
  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    told.textContent = n && !all?.checked ? told.dataset.some.replace("%(n)s", n) : told.dataset.none;
    form.querySelector("[data-bulk]").classList.toggle("has-ticks", n > 0 || Boolean(all?.checked));
    for (const box of boxes) box.closest("[data-row]").classList.toggle("is-ticked", box.checked || Boolean(all?.checked));
  };
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}

// Only one panel at a time, and Escape leads back to its button.
function wirePanels(root) {
  root.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details.drop[open]");
    if (!open) return;
    event.preventDefault();
    open.open = false;
    open.querySelector("summary").focus();
  });
}

document.querySelectorAll("[data-clean-address]").forEach(cleanAddress);
document.querySelectorAll("[data-desk-list]").forEach(countTicks);
wirePanels(document);
