// Before the first paint: the theme and the text size this phone used last. A classic script, so that nothing flashes.
(function () {
  const root = document.documentElement;
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("field") || "{}");
  } catch {
    // private browsing: the defaults do
  }
  const hour = new Date().getHours();
  const night = kept.sunset ? Date.now() > kept.sunset || Date.now() < kept.sunrise : hour >= 17 || hour < 7;
  root.dataset.theme = kept.theme || (night ? "dark" : "light");
  root.dataset.size = kept.size || 0;
})();
