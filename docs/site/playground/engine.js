// The page's side of the worker. Nothing is loaded before the first question.

export class Engine {
  #worker;
  #last = 0;
  #waiting = new Map();

  /** The answer to one question; onProgress gets {loaded} or {read}, from 0 to 1. A newer question ends an older one. */
  ask(kind, question, onProgress = () => {}) {
    if (this.#waiting.size) this.#stop(new Superseded());
    this.#worker ??= this.#start();
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, kind, ...question });
    });
  }

  #start() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => this.#stop(new Error(event.message || "the worker could not be loaded"));
    return worker;
  }

  #receive({ id, answer, error, loaded, read }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (answer !== undefined) {
      this.#waiting.delete(id);
      waiting.resolve(answer);
    } else if (error !== undefined) {
      this.#stop(new Error(error)); // Python may have ended with the error
    } else {
      waiting.onProgress({ loaded, read });
    }
  }

  #stop(reason) {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

/** A newer question was asked. */
export class Superseded extends Error {}
