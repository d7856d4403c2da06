// The corridor flattened: both sides of the street as two lines, thick where this phone walked, dashed where it did not.

import { offset, shortStreet } from "./blocks.js";
import { svg } from "./dom.js";

const WIDE = 366;
const Y = { left: 28, right: 42 };

function lengthOf({ geometry }) {
  const points = geometry.coordinates.map(([lon, lat]) => ({ lon, lat }));
  const pieces = points.slice(1).map((point, i) => offset(points[i], point));
  return pieces.reduce((sum, { x, y }) => sum + Math.hypot(x, y), 0) || 1;
}

function corner(x, name) {
  const anchor = x < 30 ? "start" : x > WIDE - 30 ? "end" : "middle";
  const line = svg("path", { class: "tick", d: `M${x} 20V50` });
  return name ? [line, svg("text", { x, y: 13, "text-anchor": anchor }, shortStreet(name))] : [line];
}

/** An <svg> of segments in order. `walked(segment id, side)` tells what is thick; `label` says it in words. */
export function ribbon(segments, walked, label) {
  const lengths = segments.map(lengthOf);
  const scale = WIDE / lengths.reduce((sum, one) => sum + one, 0);
  const drawing = svg("svg", { viewBox: "-4 0 374 50", role: "img", "aria-label": label, class: "ribbon" });
  let x = 0;
  drawing.append(...corner(0, segments[0].properties.from_name));
  segments.forEach((segment, i) => {
    const end = x + lengths[i] * scale;
    for (const side of ["left", "right"]) {
      const done = walked(segment.properties.id, side);
      drawing.append(svg("path", { class: done ? "walked" : "unwalked", d: `M${x + 3} ${Y[side]}H${end - 3}` }));
    }
    const isNamed = i === segments.length - 1 || segments.length <= 4; // more names would run into each other
    drawing.append(...corner(end, isNamed && segment.properties.to_name));
    x = end;
  });
  return drawing;
}
