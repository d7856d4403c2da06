// Loads a page again after so many seconds, where there is a network and somebody looks at it.

const seconds = Number(document.querySelector("[data-reload]").dataset.reload);
setInterval(() => {
  if (navigator.onLine && !document.hidden) location.reload();
}, seconds * 1000);
