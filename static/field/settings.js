// What the server wrote into the page: addresses, numbers, the first language's sentences.
// `language` is the one in use; words.js changes it. The worker has no page: its script fills them in (worker.js).

const written = globalThis.document?.getElementById("field-settings");

export const settings = written ? JSON.parse(written.textContent) : {};
