// The filing desk: copy the address, then the words, then the number has the focus. Without this the text can be selected.

const buttons = [...document.querySelectorAll("[data-copy]")];
const number = document.querySelector("[data-filing] [name=number]");
const said = document.querySelector("[data-copy-said]");

function textOf(target) {
  return "value" in target ? target.value : target.textContent;
}

// Where the clipboard is refused, the text is selected, so that Ctrl+C copies it.
function select(target) {
  if (target.select) {
    target.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(target);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(button) {
  const target = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(textOf(target).trim());
  } catch {
    target.focus();
    select(target);
    return;
  }
  button.classList.add("is-copied");
  said.textContent = button.dataset.copied;
  (buttons[buttons.indexOf(button) + 1] || number)?.focus();
}

for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

// The list beside it shows where we are.
const list = document.querySelector(".filing-all");
const open = list?.querySelector("[aria-current]");
if (open && list.scrollHeight > list.clientHeight) {
  list.scrollTop = open.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
}

// Who types into a form of theirs begins with copying; on the phone only the number is written down. A refusal keeps
// the focus where it is.
const how = document.querySelector("[data-filing] [name=channel]")?.value;
const isRefused = document.querySelector("[data-error-summary], [data-focus-problem]");
if (isRefused) number?.focus();
else if (buttons[0] && !["phone", "person"].includes(how)) {
  buttons[0].focus();
  scrollTo(0, 0); // the number's own focus may have moved the page before this ran
}
