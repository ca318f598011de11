// The page "Will my workflow publish?".
import { diagnostics, summary } from "./answer.js";
import { block, element, prose } from "./dom.js";
import { Editor } from "./editor.js";
import { Page } from "./page.js";
import * as permalink from "./permalink.js";

const WAIT = 400; // milliseconds after a key before the workflow is checked again
const FILES = { "package.json": "package-json", ".nvmrc": "nvmrc" };

const page = new Page();
let timer = null;
let used = false; // nothing is loaded before the reader asks for an answer
const host = page.get("workflow");
const editor = new Editor(host, { language: "yaml", onChange: later, onPaste: check });

function later() {
  clearTimeout(timer);
  if (used) timer = setTimeout(check, WAIT);
}

function input() {
  const files = {};
  for (const [path, name] of Object.entries(FILES)) {
    const text = page.get(name).value;
    if (text.trim()) files[path] = text;
  }
  return { text: editor.text, path: page.get("path").value, files, migrate: page.get("migrate").checked };
}

async function check() {
  clearTimeout(timer);
  const question = input();
  if (!question.text.trim()) {
    page.done("Paste a workflow first.");
    return;
  }
  used = true;
  const found = await page.ask("check_workflow", question);
  if (found === undefined) return;
  editor.mark(found.steps.map(({ line, verdict, command }) => ({ line, verdict, title: `${verdict}: ${command}` })));
  page.answer.replaceChildren(
    summary(found.summary),
    ...(found.steps.length ? [steps(found.steps)] : []),
    ...(found.fix ? [fix(found.fix)] : []),
    ...diagnostics(found.diagnostics, (line) => editor.select(line)),
  );
  page.done(`Done: ${found.summary.text}`);
}

function steps(found) {
  const rows = found.map(({ verdict, line, job, command }) =>
    element(
      "li",
      {},
      element("span", { class: `sp-badge sp-badge--${verdict}` }, verdict),
      " ",
      element(
        "button",
        { type: "button", class: "sp-place", onclick: () => editor.select(line ?? 1) },
        `${job}${line ? `, line ${line}` : ""}`,
      ),
      " ",
      element("code", {}, command),
    ),
  );
  return element("ul", { class: "sp-steps", "aria-label": "Publish steps" }, ...rows);
}

function fix({ patch, text, fixes, unfixed, entries }) {
  const apply = element("button", { type: "button", class: "md-button md-button--primary", id: "apply" }, "Apply the fix");
  apply.addEventListener("click", () => {
    editor.replace(text);
    check();
  });
  const done = fixes.map(([job, what]) => element("li", {}, `${job}: `, ...prose(what)));
  const left = unfixed.map(([job, why]) => element("li", {}, `${job} was not changed: `, ...prose(why)));
  return element(
    "section",
    { class: "sp-fix", "aria-label": "Fix" },
    element("h3", {}, "Fix"),
    element("ul", {}, ...done, ...left),
    patch ? block(patch.replace(/\n$/, ""), { diff: true }) : null,
    patch ? apply : null,
    entries ? element("pre", { class: "sp-entries" }, element("code", { tabindex: "0" }, entries)) : null,
  );
}

async function take(text) {
  editor.show(text);
  await check();
}

page.get("run").addEventListener("click", check);
page.get("clear").addEventListener("click", () => {
  editor.show("");
  for (const name of Object.values(FILES)) page.get(name).value = "";
  page.get("migrate").checked = false;
  page.answer.replaceChildren();
  page.done("");
});
for (const name of ["migrate", "path", ...Object.values(FILES)]) page.get(name).addEventListener("change", () => used && check());
page.takesFiles(host, async (file) => take(await file.text()));
page.hasExamples(take);
page.hasLink(input);

const linked = await permalink.read();
if (typeof linked?.text === "string") {
  for (const [path, name] of Object.entries(FILES)) page.get(name).value = String(linked.files?.[path] ?? "");
  if (typeof linked.path === "string") page.get("path").value = linked.path;
  page.get("migrate").checked = linked.migrate === true;
  await take(linked.text);
}
