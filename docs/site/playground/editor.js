// CodeMirror in a shadow root: there it uses constructed style sheets, which the content security policy allows.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { EditorView, GutterMarker, drawSelection, gutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LOOK = EditorView.theme({
  "&": { height: "100%", fontSize: "0.7rem", color: "var(--md-code-fg-color)", backgroundColor: "var(--md-code-bg-color)" },
  "&.cm-focused": { outline: "2px solid var(--md-accent-fg-color)" },
  ".cm-scroller": { fontFamily: "var(--md-code-font-family)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--md-code-fg-color)" },
  ".cm-cursor": { borderLeftColor: "var(--md-code-fg-color)" },
  ".cm-gutters": {
    color: "var(--md-default-fg-color--light)", backgroundColor: "var(--md-code-bg-color)", border: "none",
  },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--sp-selection) !important" },
  ".cm-placeholder": { color: "var(--md-default-fg-color--light)" },
  ".cm-panels": { color: "var(--md-default-fg-color)", backgroundColor: "var(--md-default-bg-color)" },
  ".sp-verdict": { display: "inline-block", width: "1.6em", textAlign: "center", fontWeight: "bold" },
  ".sp-verdict--trusted": { color: "var(--sp-good)" },
  ".sp-verdict--broken": { color: "var(--sp-error)" },
  ".sp-verdict--token, .sp-verdict--waived": { color: "var(--sp-warning)" },
  ".sp-verdict--unknown": { color: "var(--sp-unknown)" },
});
const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--sp-key)" },
  { tag: [tags.string, tags.content], color: "var(--md-code-hl-string-color)" },
  { tag: tags.comment, color: "var(--md-default-fg-color--light)" },
  { tag: [tags.number, tags.bool], color: "var(--md-code-hl-number-color)" },
]);
const MARKS = { trusted: "✓", broken: "✗", token: "!", waived: "–", unknown: "?" };

class VerdictMarker extends GutterMarker {
  constructor(verdict, title) {
    super();
    Object.assign(this, { verdict, title });
  }
  eq(other) {
    return other.verdict === this.verdict && other.title === this.title;
  }
  toDOM() {
    const span = document.createElement("span");
    span.className = `sp-verdict sp-verdict--${this.verdict}`;
    span.textContent = MARKS[this.verdict] ?? "?";
    span.title = this.title;
    return span;
  }
}

const setVerdicts = StateEffect.define();
const verdicts = StateField.define({
  create: () => RangeSet.empty,
  update(markers, transaction) {
    const moved = markers.map(transaction.changes);
    return transaction.effects.reduce((found, effect) => (effect.is(setVerdicts) ? effect.value : found), moved);
  },
});

/** An editor in *host*, whose data-label names it; *onChange* gets the changes that the reader makes. */
export class Editor {
  constructor(host, { language = "", onChange = () => {}, onPaste = () => {} } = {}) {
    const root = host.attachShadow({ mode: "open" });
    this.setting = false;
    const listener = EditorView.updateListener.of((update) => {
      if (!update.docChanged || this.setting) return;
      onChange();
      if (update.transactions.some((one) => one.isUserEvent("input.paste"))) onPaste();
    });
    const extensions = [
      lineNumbers(),
      history(),
      drawSelection(),
      search({ top: true }),
      highlightSelectionMatches(),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]), // Tab leaves the editor, as everywhere else
      EditorState.lineSeparator.of("\n"), // safepublish counts lines by it alone
      EditorView.contentAttributes.of({ "aria-label": host.dataset.label, tabindex: "0" }),
      placeholder(host.dataset.placeholder ?? ""),
      LOOK,
      listener,
    ];
    if (language === "yaml") {
      extensions.push(yaml(), syntaxHighlighting(COLOURS), verdicts);
      extensions.push(gutter({ class: "cm-verdicts", markers: (view) => view.state.field(verdicts) }));
    }
    this.extensions = extensions;
    this.view = new EditorView({ state: this.state(""), parent: root, root });
  }

  state(doc) {
    return EditorState.create({ doc, extensions: this.extensions });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** Show *text* as if nothing had been there before. */
  show(text) {
    this.view.setState(this.state(text));
  }

  /** Put *text* in place of what is there, so that it can be undone. */
  replace(text) {
    this.setting = true;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.setting = false;
  }

  /** Select a line, counted from 1, and bring it into view. */
  select(number) {
    const line = this.view.state.doc.line(Math.min(Math.max(1, number), this.view.state.doc.lines));
    this.view.dispatch({
      selection: { anchor: line.from, head: line.to },
      effects: EditorView.scrollIntoView(line.from, { y: "center" }),
    });
    // Not at once: the key that pressed the button would be typed into the editor.
    setTimeout(() => {
      this.view.focus();
      this.view.dom.scrollIntoView({ block: "nearest" });
    });
  }

  /** Show verdicts in the margin: [{line, verdict, title}]. */
  mark(found) {
    const doc = this.view.state.doc;
    const ranges = found
      .filter(({ line }) => line && line <= doc.lines)
      .map(({ line, verdict, title }) => new VerdictMarker(verdict, title).range(doc.line(line).from));
    this.view.dispatch({ effects: setVerdicts.of(RangeSet.of(ranges, true)) });
  }
}
