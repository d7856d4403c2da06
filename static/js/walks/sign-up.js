// Shows “the name of your organization” only to those whose organization isn't in the list.

function start(form) {
  const choice = form.querySelector("select[name='organization']");
  const other = form.querySelector("[data-other-organization]");
  const input = other?.querySelector("input");
  if (!choice || !input) return;
  const update = (moved) => {
    other.hidden = choice.value !== "other" && !input.value;
    if (moved && choice.value === "other") input.focus();
  };
  choice.addEventListener("change", () => update(true));
  update(false);
}

document.querySelectorAll("form[data-signup]").forEach(start);
