// The walk form: a known meeting point fills in words and pin, and the sunset follows day and place.

function readPin(form) {
  const input = form.querySelector("[name='meeting_location']");
  try {
    const [lon, lat] = JSON.parse(input.value).coordinates;
    return { lat, lon };
  } catch {
    return null;
  }
}

function followLandmark(form) {
  const choice = form.querySelector("[name='meeting_landmark']");
  const landmarks = JSON.parse(document.getElementById("walk-landmarks").textContent);
  // What a landmark filled in may be replaced by the next one; what somebody typed may not.
  const filled = {};
  const fill = (name, words) => {
    const field = form.querySelector(`[name='${name}']`);
    if (field.value && field.value !== filled[name]) return;
    field.value = filled[name] = words;
  };
  choice.addEventListener("change", () => {
    const place = landmarks[choice.value];
    if (!place) return;
    fill("meeting_place", place.name);
    fill("facilities", place.facilities);
    const pick = form.querySelector("[data-map-pick]");
    pick.dispatchEvent(new CustomEvent("pick:place", { detail: { lat: place.lat, lng: place.lon } }));
  });
}

function followSun(form) {
  const says = form.querySelector("[data-sunset]");
  const value = (name) => form.querySelector(`[name='${name}']`).value;
  let asked = 0;
  const update = async () => {
    const pin = readPin(form);
    const day = value("day");
    if (!pin || !day) return;
    const query = new URLSearchParams({ ...pin, day, zone: value("time_zone") });
    const mine = ++asked;
    const response = await fetch(`${form.dataset.sunsetUrl}?${query}`).catch(() => null);
    if (mine !== asked) return;
    says.textContent = response?.ok ? (await response.json()).words : "";
  };
  for (const name of ["day", "time_zone", "meeting_location"]) {
    form.querySelector(`[name='${name}']`).addEventListener("change", update);
  }
  update();
}

for (const form of document.querySelectorAll("form[data-walk-form]")) {
  followLandmark(form);
  followSun(form);
}
