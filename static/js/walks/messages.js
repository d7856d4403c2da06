// Counts down how long a message still waits; when it is gone, its buttons go, too. The page works without this.

function count(bar) {
  const until = Date.parse(bar.dataset.waiting);
  const left = bar.querySelector("[data-waiting-left]");
  const seconds = bar.querySelector("[data-seconds]");
  const tick = () => {
    const n = Math.ceil((until - Date.now()) / 1000);
    if (n > 0) {
      seconds.textContent = n;
      left.hidden = false;
      setTimeout(tick, 1000);
      return;
    }
    for (const form of bar.querySelectorAll("[data-waiting-undo]")) form.remove();
    bar.querySelector("p").textContent = bar.dataset.gone;
  };
  // A clock that is wrong by minutes must not take the buttons away: then the page stays as the server made it.
  if (until - Date.now() < 120000 && until > Date.now()) tick();
}

document.querySelectorAll("[data-waiting]").forEach(count);
