// What both pages of the playground do: ask, show progress and trouble, take files, examples and links.
import { copied, element } from "./dom.js";
import { Engine, Superseded } from "./engine.js";
import * as permalink from "./permalink.js";

export class Page {
  engine = new Engine();
  root = document.getElementById("playground");
  status = document.getElementById("status");
  progress = document.getElementById("progress");
  answer = document.getElementById("answer");

  constructor() {
    this.root.hidden = false;
    this.state = "idle";
  }

  /** What the page does: idle, busy or done. */
  set state(value) {
    this.root.dataset.state = value;
  }

  get(name) {
    return document.getElementById(name);
  }

  /** The answer of the engine, while the page shows how far it is; undefined where a newer question was asked. */
  async ask(kind, question) {
    this.answer.setAttribute("aria-busy", "true");
    this.state = "busy";
    this.progress.hidden = false;
    this.progress.removeAttribute("value");
    try {
      return await this.engine.ask(kind, question, (how) => this.#show(how));
    } catch (error) {
      if (error instanceof Superseded) return undefined;
      this.#fail(error);
      return undefined;
    }
  }

  #show({ loaded, read }) {
    if (loaded !== undefined && loaded < 1) {
      this.progress.value = loaded;
      this.say("Loading Python and safepublish (once) …");
    } else if (read !== undefined) {
      this.progress.value = read;
      this.say("Reading …");
    }
  }

  #fail(error) {
    this.done("No answer: safepublish failed in this browser.");
    const last = error.message.trim().split("\n").at(-1);
    this.answer.replaceChildren(element("p", { class: "sp-summary sp-diagnostic--error" }, `internal error: ${last}`));
  }

  /** Say in the status line what has happened; a screen reader reads it. */
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  done(text) {
    this.answer.removeAttribute("aria-busy");
    this.progress.hidden = true;
    this.say(text);
    this.state = text ? "done" : "idle";
  }

  /** Put files that are dropped on *host*, or chosen with the button "open", into *take*. */
  takesFiles(host, take) {
    const input = this.get("file");
    this.get("open").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files[0]) take(input.files[0]);
      input.value = "";
    });
    host.addEventListener("dragover", (event) => event.preventDefault());
    host.addEventListener(
      "drop",
      (event) => {
        const file = event.dataTransfer?.files[0];
        if (!file) return;
        event.preventDefault();
        event.stopPropagation();
        take(file);
      },
      true,
    );
  }

  /** Give the text of the chosen example to *take*. */
  hasExamples(take) {
    const choice = this.get("example");
    choice.addEventListener("change", async () => {
      if (!choice.value) return;
      const response = await fetch(new URL(`examples/${encodeURIComponent(choice.value)}`, import.meta.url));
      if (response.ok) await take(await response.text());
      choice.value = "";
    });
  }

  /** The button "link" copies a link with what *input* returns. */
  hasLink(input) {
    const button = this.get("link");
    button.addEventListener("click", async () => {
      const link = await permalink.made(input());
      if (link === null) {
        this.say("This input is too long for a link.");
        return;
      }
      history.replaceState(null, "", link);
      await copied(button, link);
      this.say("The link contains what you pasted. Remove secrets before you share it.");
    });
  }
}
