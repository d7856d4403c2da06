// A sheet to draw a map on: Mercator, moved by finger, wheel, buttons or keys. What lies on it is painted anew after each
// move. No tiles: streets and names are ours.

import { svg, el } from "./dom.js";
import { distance } from "./words.js";

const WORLD = 256; // pixels of the whole world at zoom 0
const [FARTHEST, CLOSEST] = [11, 20];
const SNAP = 0.25;
const SLIP = 6; // pixels that a tap may move
const SCALE = 110; // pixels at most
const EARTH = 40075016.686; // metres around the equator
const SCALES = [10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000];
const RADIANS = Math.PI / 180;

const clamp = (zoom) => Math.min(CLOSEST, Math.max(FARTHEST, zoom));

function toWorld({ lat, lon }, zoom) {
  const size = WORLD * 2 ** zoom;
  const north = Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2));
  return { x: size * (lon / 360 + 0.5), y: size * (0.5 - north / (2 * Math.PI)) };
}

function fromWorld({ x, y }, zoom) {
  const size = WORLD * 2 ** zoom;
  const north = Math.PI * (1 - (2 * y) / size);
  return { lat: (2 * Math.atan(Math.exp(north)) - Math.PI / 2) / RADIANS, lon: (x / size - 0.5) * 360 };
}

const middle = (touches) => ({
  x: touches.reduce((sum, { x }) => sum + x, 0) / touches.length,
  y: touches.reduce((sum, { y }) => sum + y, 0) / touches.length,
});

const spread = ([one, other]) => (other ? Math.hypot(one.x - other.x, one.y - other.y) : 0);

/** Points are {lat, lon}; places on the sheet {x, y} in pixels from its corner. */
export class Chart {
  /** `paint(chart)` draws everything; it is called after each move. */
  constructor(box, paint) {
    this.box = box;
    this.draw = paint;
    this.center = { lat: 0, lon: 0 };
    this.zoom = CLOSEST;
    this.paper = svg("svg", { class: "chart-paper", "aria-hidden": "true" });
    this.over = el("div", { class: "chart-over" });
    this.stage = el("div", { class: "chart-stage" }, this.paper, this.over);
    this.ruler = el("p", { class: "chart-scale", "aria-hidden": "true" });
    box.replaceChildren(this.stage, this.ruler);
    this.touches = new Map();
    this.wires = new AbortController();
    this.wire();
  }

  get size() {
    return { x: this.box.clientWidth, y: this.box.clientHeight };
  }

  // --- where things are ---

  /** Where a point lies on the sheet. */
  at(point) {
    const here = toWorld(point, this.zoom);
    const center = toWorld(this.center, this.zoom);
    return { x: here.x - center.x + this.size.x / 2, y: here.y - center.y + this.size.y / 2 };
  }

  /** The point that lies at a place of the sheet. */
  where({ x, y }) {
    const center = toWorld(this.center, this.zoom);
    return fromWorld({ x: x + center.x - this.size.x / 2, y: y + center.y - this.size.y / 2 }, this.zoom);
  }

  get isClosest() {
    return this.zoom >= CLOSEST;
  }

  metresAPixel() {
    return (EARTH * Math.cos(this.center.lat * RADIANS)) / (WORLD * 2 ** this.zoom);
  }

  // --- moving ---

  view(center, zoom = this.zoom) {
    this.center = { lat: center.lat, lon: center.lon };
    this.zoom = clamp(zoom);
    this.paint();
  }

  pan(x, y) {
    this.view(this.where({ x: this.size.x / 2 + x, y: this.size.y / 2 + y }));
  }

  /** Closer or farther by so many steps; what lies at `around` stays there. */
  zoomBy(steps, around = { x: this.size.x / 2, y: this.size.y / 2 }) {
    const fixed = this.where(around);
    this.zoom = clamp(this.zoom + steps);
    const now = this.at(fixed);
    this.pan(now.x - around.x, now.y - around.y);
  }

  /** Shows all these points. */
  fit(points, { padding = 24, most = CLOSEST } = {}) {
    const flat = points.map((point) => toWorld(point, 0));
    const [xs, ys] = [flat.map(({ x }) => x), flat.map(({ y }) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const room = Math.min((this.size.x - 2 * padding) / (right - left), (this.size.y - 2 * padding) / (bottom - top));
    const zoom = Math.min(most, Math.floor(Math.log2(room) / SNAP) * SNAP);
    this.view(fromWorld({ x: (left + right) / 2, y: (top + bottom) / 2 }, 0), zoom);
  }

  // --- drawing ---

  paint() {
    const { x, y } = this.size;
    this.paper.setAttribute("viewBox", `0 0 ${x} ${y}`);
    this.paper.replaceChildren();
    this.over.replaceChildren();
    this.stage.style.transform = "";
    this.draw(this);
    this.drawScale();
    this.box.dataset.drawn = `${this.center.lat.toFixed(6)} ${this.center.lon.toFixed(6)} ${this.zoom}`;
  }

  shape(tag, attributes) {
    const made = svg(tag, attributes);
    this.paper.append(made);
    return made;
  }

  /** A line through places of the sheet. */
  line(places, className, width) {
    const d = `M${places.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
    return this.shape("path", { class: className, d, fill: "none", ...(width ? { "stroke-width": width } : {}) });
  }

  dot({ x, y }, radius, className) {
    return this.shape("circle", { class: className, cx: x.toFixed(1), cy: y.toFixed(1), r: radius.toFixed(1) });
  }

  /** An element whose middle stands at a place of the sheet. */
  put({ x, y }, element) {
    element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
    this.over.append(element);
    return element;
  }

  drawScale() {
    const most = this.metresAPixel() * SCALE;
    const metres = SCALES.map((n) => n * this.unit()).findLast((n) => n <= most) || most;
    this.ruler.textContent = distance(metres);
    this.ruler.style.inlineSize = `${metres / this.metresAPixel()}px`;
  }

  /** Round numbers are round in the unit that people here use. */
  unit() {
    return /m$/.test(distance(1)) ? 1 : 3.048;
  }

  // --- fingers, wheel ---

  wire() {
    const on = (name, handle) => this.box.addEventListener(name, handle.bind(this), { signal: this.wires.signal, passive: false });
    on("pointerdown", this.press);
    on("pointermove", this.drag);
    for (const name of ["pointerup", "pointercancel"]) on(name, this.release);
    on("wheel", this.wheel);
    on("dblclick", (event) => this.zoomBy(1, this.spotOf(event)));
    this.watch = new ResizeObserver(() => this.size.x && this.paint());
    this.watch.observe(this.box);
  }

  spotOf({ clientX, clientY }) {
    const { left, top } = this.box.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  begin() {
    const touches = [...this.touches.values()];
    this.start = touches.length ? { from: middle(touches), wide: spread(touches), isMoved: this.start?.isMoved || false } : null;
  }

  press(event) {
    this.settle();
    this.touches.set(event.pointerId, this.spotOf(event));
    if (this.touches.size === 1) this.start = null;
    this.begin();
  }

  drag(event) {
    if (!this.touches.has(event.pointerId)) return;
    this.touches.set(event.pointerId, this.spotOf(event));
    const move = this.move();
    if (!this.start.isMoved && this.touches.size === 1 && Math.hypot(move.x, move.y) < SLIP) return;
    if (!this.start.isMoved) this.box.setPointerCapture(event.pointerId);
    this.start.isMoved = true;
    const { from } = this.start;
    this.stage.style.transformOrigin = `${from.x}px ${from.y}px`;
    this.stage.style.transform = `translate(${move.x}px, ${move.y}px) scale(${move.scale})`;
  }

  /** How far the fingers moved since they were set down: {x, y, scale}. */
  move() {
    const touches = [...this.touches.values()];
    const to = middle(touches);
    return { x: to.x - this.start.from.x, y: to.y - this.start.from.y, scale: this.start.wide ? spread(touches) / this.start.wide : 1 };
  }

  /** Takes over what the fingers did so far. */
  settle() {
    if (!this.start?.isMoved || !this.touches.size) return;
    const { x, y, scale } = this.move();
    const { from } = this.start;
    const fixed = this.where(from);
    this.zoom = clamp(this.zoom + Math.log2(scale));
    const now = this.at(fixed);
    this.pan(now.x - from.x - x, now.y - from.y - y);
  }

  release(event) {
    if (!this.touches.has(event.pointerId)) return;
    this.settle();
    this.touches.delete(event.pointerId);
    this.begin();
  }

  wheel(event) {
    event.preventDefault();
    this.zoomBy(event.deltaY < 0 ? 0.5 : -0.5, this.spotOf(event));
  }

  close() {
    this.wires.abort();
    this.watch.disconnect();
    this.box.replaceChildren();
    delete this.box.dataset.drawn;
  }
}
