// What the server wrote into the page: addresses, numbers, the first language's sentences.
// `language` is the one in use; words.js changes it.

export const settings = JSON.parse(document.getElementById("field-settings").textContent);
