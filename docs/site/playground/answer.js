// The answer as HTML: what the terminal shows, with links.
import { block, element, prose } from "./dom.js";

const CAUSES = new URL("../../causes/", import.meta.url);
const LABELS = { error: "error", warning: "warning", unknown: "unknown", info: "info", probably: "probably" };

/** The findings; *onLine* is called with the number of a line that the reader wants to see. */
export function diagnostics(found, onLine) {
  return found.map((one) => diagnostic(one, onLine));
}

function diagnostic(one, onLine) {
  const label = LABELS[one.severity] ?? "note";
  const heading = element(
    "h3",
    { class: "sp-diagnostic__title" },
    element("span", { class: "sp-severity" }, label),
    ...(one.id ? ["[", causeLink(one.id, one.id), "]"] : []),
    ": ",
    ...prose(one.message),
  );
  return element(
    "article",
    { class: `sp-diagnostic sp-diagnostic--${label}` },
    heading,
    ...(one.locations ?? []).filter((place) => place.line).map((place) => placeButton(place, onLine)),
    quotes(one.quotes ?? [], onLine),
    notes(one),
    ...(one.helps ?? []).map(help),
    one.id ? element("p", { class: "sp-more" }, causeLink(one.id, `All about ${one.id}`)) : null,
  );
}

function causeLink(id, text) {
  return element("a", { href: new URL(`${encodeURIComponent(id)}/`, CAUSES).href }, text);
}

function placeButton(place, onLine) {
  const name = [place.path, place.line, place.column].filter(Boolean).join(":");
  return element("button", { type: "button", class: "sp-place", onclick: () => onLine(place.line) }, `--> ${name}`);
}

function quotes(quoted, onLine) {
  if (!quoted.length) return null;
  const width = Math.max(...quoted.map(([number]) => String(number).length));
  const lines = quoted.map(([number, text]) => {
    const label = `log:${String(number).padEnd(width)}`;
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "sp-quote", title: "Show this line of the log", onclick: () => onLine(number) },
        element("span", { class: "sp-quote__number" }, label),
        " ",
        text,
      ),
    );
  });
  return element("ul", { class: "sp-quotes" }, ...lines);
}

function notes(one) {
  const texts = [...(one.subjects ? [`affects ${one.subjects}`] : []), ...(one.notes ?? [])];
  if (!texts.length) return null;
  return element("ul", { class: "sp-notes" }, ...texts.map((text) => element("li", {}, ...prose(text))));
}

function help({ text, command, diff }) {
  return element(
    "div",
    { class: "sp-help" },
    element("p", {}, element("strong", {}, "help: "), ...prose(text)),
    command ? block(command) : null,
    diff ? block(diff, { diff: true }) : null,
  );
}

/** The last line: what it comes to. */
export function summary({ severity, text }) {
  const kind = LABELS[severity] ?? "info";
  const label = severity ? [element("span", { class: "sp-severity" }, kind), ": "] : [];
  return element("p", { class: `sp-summary sp-diagnostic--${kind}` }, ...label, ...prose(text));
}
