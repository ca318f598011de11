// The page "Why did my publish fail?".
import { diagnostics, summary } from "./answer.js";
import { element } from "./dom.js";
import { Editor } from "./editor.js";
import { Page } from "./page.js";
import * as permalink from "./permalink.js";

const MOST_SHOWN = 32 * 1024 * 1024; // bytes of a file that the editor shows; a longer one is read all the same

const page = new Page();
let file = null; // the log, where it is a file and was not edited
const host = page.get("log");
const editor = new Editor(host, { onChange: () => (file = null), onPaste: explain });

async function explain() {
  const log = file ?? new Blob([editor.text]);
  if (!log.size) {
    page.done("Paste a log first.");
    return;
  }
  const found = await page.ask("explain", { log });
  if (found === undefined) return;
  page.answer.replaceChildren(
    summary(found.summary),
    ...diagnostics(found.diagnostics, (line) => editor.select(line)),
    ...(found.more ? [element("p", {}, `… and ${found.more} more`)] : []),
  );
  page.done(`Done: ${found.summary.text}`);
}

async function take(chosen) {
  editor.show(chosen.size > MOST_SHOWN ? "" : await chosen.text());
  file = chosen;
  await explain();
}

page.get("run").addEventListener("click", explain);
page.get("clear").addEventListener("click", () => {
  editor.show("");
  file = null;
  page.answer.replaceChildren();
  page.done("");
});
page.takesFiles(host, take);
page.hasExamples((text) => take(new Blob([text])));
page.hasLink(() => ({ log: editor.text }));

const linked = await permalink.read();
if (typeof linked?.log === "string") await take(new Blob([linked.log]));
