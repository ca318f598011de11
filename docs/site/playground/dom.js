// Elements from text. Nothing here, or anywhere in the playground, takes text for HTML.

/** An element with attributes, listeners (`onclick`) and children; strings become text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A sentence in which what stands between backticks is code. */
export function prose(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, index) => (index % 2 ? element("code", {}, part) : part)).filter((part) => part !== "");
}

/** A block to paste, with a button that copies it. A diff gets colours. */
export function block(text, { diff = false } = {}) {
  const lines = text.split("\n").map((line) => {
    const kind = diff && !/^(\+\+\+|---) /.test(line) ? { "+": "added", "-": "removed" }[line[0]] : undefined;
    return element("span", { class: kind ? `sp-line sp-line--${kind}` : "sp-line" }, `${line}\n`);
  });
  const pre = element("pre", {}, element("code", { tabindex: "0" }, ...lines));
  const copy = element("button", { type: "button", class: "sp-copy", onclick: () => copied(copy, text) }, "Copy");
  return element("div", { class: "sp-block" }, pre, copy);
}

/** Copy *text*, and say so on the button. */
export async function copied(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied";
  }
  setTimeout(() => (button.textContent = before), 2000);
}
