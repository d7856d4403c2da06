// Rectangles over a photo: drawn with mouse or finger, or moved with the arrow keys. The four numbers of each row are
// what is sent; everything here only fills them in. Parts of the picture are kept in percent.

const FIELDS = ["left", "top", "width", "height"];
const SMALLEST = 1;
const STEP = 1;

const clamp = (number, low, high) => Math.min(Math.max(number, low), high);
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

function start(form) {
  const stage = form.querySelector("[data-stage]");
  const rows = form.querySelector("[data-rows]");
  const blank = form.querySelector("template[data-row]");
  const say = form.querySelector("[data-say]");
  const marks = new Map(); // row → its mark on the picture

  const field = (row, name) => row.querySelector(`[name="${name}"]`);
  const all = () => [...rows.querySelectorAll("[data-rect]")];
  const numberOf = (row) => all().indexOf(row) + 1;

  function read(row) {
    const box = Object.fromEntries(FIELDS.map((name) => [name, parseFloat(field(row, name).value.replace(",", "."))]));
    return FIELDS.every((name) => Number.isFinite(box[name])) ? box : null;
  }

  function write(row, box) {
    const width = clamp(box.width, SMALLEST, 100);
    const height = clamp(box.height, SMALLEST, 100);
    const kept = { width, height, left: clamp(box.left, 0, 100 - width), top: clamp(box.top, 0, 100 - height) };
    FIELDS.forEach((name) => (field(row, name).value = String(Math.round(kept[name] * 100) / 100)));
    show(row);
  }

  function show(row) {
    const box = read(row);
    const mark = marks.get(row) || made(row);
    mark.hidden = !box;
    if (!box) return;
    mark.style.left = `${box.left}%`;
    mark.style.top = `${box.top}%`;
    mark.style.width = `${box.width}%`;
    mark.style.height = `${box.height}%`;
  }

  function name() {
    all().forEach((row, i) => {
      const words = fill(say.dataset.name, { n: i + 1 });
      row.querySelector("legend").textContent = words;
      row.querySelector("[data-remove]").hidden = false;
      marks.get(row)?.setAttribute("aria-label", words);
      if (marks.get(row)) marks.get(row).textContent = String(i + 1);
    });
  }

  function tell(row) {
    say.textContent = fill(say.dataset.moved, { n: numberOf(row), ...read(row) });
  }

  function remove(row) {
    const next = all()[numberOf(row)] || all()[numberOf(row) - 2];
    marks.get(row)?.remove();
    marks.delete(row);
    row.remove();
    name();
    (next ? marks.get(next) : form.querySelector("[data-add] button"))?.focus();
  }

  function made(row) {
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = "blackout-mark";
    mark.addEventListener("keydown", (event) => byKey(event, row));
    mark.addEventListener("pointerdown", (event) => drag(event, row));
    stage.append(mark);
    marks.set(row, mark);
    return mark;
  }

  function add(box) {
    const row = blank.content.querySelector("[data-rect]").cloneNode(true);
    rows.append(row);
    write(row, box);
    name();
    return row;
  }

  function byKey(event, row) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove(row);
      return;
    }
    const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!way) return;
    event.preventDefault();
    const box = read(row);
    if (event.shiftKey) write(row, { ...box, width: box.width + way[0], height: box.height + way[1] });
    else write(row, { ...box, left: box.left + way[0], top: box.top + way[1] });
    tell(row);
  }

  const at = (event) => {
    const frame = stage.getBoundingClientRect();
    return {
      x: clamp(((event.clientX - frame.left) / frame.width) * 100, 0, 100),
      y: clamp(((event.clientY - frame.top) / frame.height) * 100, 0, 100),
    };
  };

  function follow(event, move, end) {
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", move);
    const stop = () => {
      target.removeEventListener("pointermove", move);
      end?.();
    };
    target.addEventListener("pointerup", stop, { once: true });
    target.addEventListener("pointercancel", stop, { once: true });
  }

  function drag(event, row) {
    event.stopPropagation();
    const from = at(event);
    const box = read(row);
    follow(event, (moved) => {
      const to = at(moved);
      write(row, { ...box, left: box.left + to.x - from.x, top: box.top + to.y - from.y });
    });
  }

  function draw(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const from = at(event);
    let row = null;
    const move = (moved) => {
      const to = at(moved);
      const box = { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
      if (!row && Math.max(box.width, box.height) < SMALLEST) return;
      row ??= add(box);
      write(row, box);
    };
    follow(event, move, () => row && marks.get(row).focus());
  }

  // Without script an empty row waits to be filled in; here "Add a rectangle" does that.
  all().filter((row) => FIELDS.every((one) => !field(row, one).value)).forEach((row) => row.remove());
  all().forEach(show);
  name();
  rows.addEventListener("input", (event) => show(event.target.closest("[data-rect]")));
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    remove(button.closest("[data-rect]"));
  });
  stage.addEventListener("pointerdown", draw);
  stage.dataset.ready = "";
  form.querySelector("[data-how]").hidden = false;
  form.querySelector("[data-without]").hidden = true;
  const adding = form.querySelector("[data-add]");
  adding.hidden = false;
  adding.querySelector("button").addEventListener("click", () => marks.get(add({ left: 40, top: 40, width: 20, height: 20 })).focus());
}

document.querySelectorAll("form[data-blackout]").forEach(start);
