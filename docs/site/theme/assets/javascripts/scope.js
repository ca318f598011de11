// The theme's own helpers, which it has inline (material 9.8.2, partials/javascripts/base.html): the bundle calls them.
document.addEventListener("DOMContentLoaded", () =>
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search"), // a dialog needs a name; the theme has none
);
window.__md_scope = new URL(document.currentScript.dataset.base, location);
window.__md_hash = (text) => [...text].reduce((hash, letter) => (hash << 5) - hash + letter.charCodeAt(0), 0);
window.__md_get = (key, storage = localStorage, scope = window.__md_scope) =>
  JSON.parse(storage.getItem(`${scope.pathname}.${key}`));
window.__md_set = (key, value, storage = localStorage, scope = window.__md_scope) => {
  try {
    storage.setItem(`${scope.pathname}.${key}`, JSON.stringify(value));
  } catch {
    // A browser that stores nothing shows the theme of the system.
  }
};
