// Cross streets as lines of text: "Askew Ave, -94.538751, 39.105885, 3600". The twin of CrossStreetsField in corridors/forms.py.

const LINE = /^([^,]+?)\s*(?:,\s*([-−]?\d+(?:\.\d+)?)\s*,\s*([-−]?\d+(?:\.\d+)?)\s*)?(?:,\s*(\d{1,6})\s*)?$/;

function number(text) {
  return Number(text.replace("−", "-"));
}

/** Rows {name, at, block}; `at` is null where only the name is known. Lines nobody can read are left out. */
export function readStreets(text) {
  return text
    .split("\n")
    .map((row) => LINE.exec(row.trim()))
    .filter(Boolean)
    .map(([, name, lng, lat, block]) => ({
      name,
      at: lng === undefined ? null : { lng: number(lng), lat: number(lat) },
      block: block || "",
    }));
}

/** Text for the field: a comma in a name would break its line, so it becomes a blank. */
export function writeStreets(streets, unnamed) {
  return streets
    .map((street, i) => {
      const name = street.name.replace(/[,\n]+/g, " ").replace(/\s+/g, " ").trim() || `${unnamed} ${i + 1}`;
      const parts = [name, street.at.lng.toFixed(6), street.at.lat.toFixed(6)];
      if (/^\d{1,6}$/.test(street.block)) parts.push(street.block);
      return parts.join(", ");
    })
    .join("\n");
}
