// While somebody writes: asks whether the words seem to describe a person, and says so beside the field. What is asked
// isn't kept. Without it the form says the same when it is sent.

const PAUSE = 900;

function start(form) {
  const field = form.elements.note;
  const say = form.querySelector("[data-words]");
  if (!field || !say) return;
  let asked = "";
  let timer = 0;

  async function ask() {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    const body = new URLSearchParams({ note: text, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    try {
      const answer = text ? await fetch(say.dataset.words, { method: "POST", body }) : null;
      const told = answer?.ok ? await answer.json() : { says: "" };
      if (text !== field.value.trim()) return;
      say.textContent = told.says;
      say.hidden = !told.says;
      // Who has read it here needn't read it again after sending.
      form.elements.words_seen.value = told.says ? "1" : "";
    } catch {
      asked = ""; // no network: the form says it when it is sent
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("change", ask);
}

document.querySelectorAll("form[data-report]").forEach(start);
