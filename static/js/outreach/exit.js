// Leaving quickly: the page's place in the history is taken, too. Three times Escape does the same.

const link = document.querySelector("[data-quick-exit]");
const leave = () => {
  document.body.hidden = true;
  window.location.replace(link.href);
};

if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let times = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    times = [...times, event.timeStamp].filter((at) => event.timeStamp - at < 2000);
    if (times.length >= 3) leave();
  });
}
