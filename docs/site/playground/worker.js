// Runs safepublish in CPython compiled to WebAssembly. Messages: {id, kind, ...} in; {id, loaded | read | answer | error} out.
const here = (path) => new URL(path, import.meta.url);
const plainFetch = self.fetch.bind(self);

let answers; // a promise of the Python module, from the first message on

self.onmessage = async ({ data }) => {
  const { id, kind } = data;
  try {
    answers ??= load((loaded) => self.postMessage({ id, loaded }));
    const python = await answers;
    self.postMessage({ id, loaded: 1 });
    self.postMessage({ id, answer: JSON.parse(answered(python, kind, data, id)), kind });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};

function answered(python, kind, data, id) {
  if (kind === "explain" || kind === "explain_document") return python[kind](reader(data.log, id), data.log.size);
  if (kind === "check_workflow")
    return python.check_workflow.callKwargs(data.text, data.path, JSON.stringify(data.files), { migrate: data.migrate });
  return python.workflow_document(data.text, data.path, JSON.stringify(data.files));
}

/** What gives Python a part of the log: of a file of any size only one part is in memory. */
function reader(blob, id) {
  const files = new FileReaderSync();
  return (start, end) => {
    self.postMessage({ id, read: end / blob.size });
    return new Uint8Array(files.readAsArrayBuffer(blob.slice(start, end)));
  };
}

async function load(progress) {
  const { wheel, files } = await (await plainFetch(here("engine.json"))).json();
  const counted = Object.keys(files).filter((name) => !name.endsWith("js") && !name.endsWith("json"));
  const total = counted.reduce((sum, name) => sum + files[name], 0);
  let bytes = 0;
  // Pyodide downloads what it needs itself; this shows how far it is.
  self.fetch = async (...request) => {
    const response = await plainFetch(...request);
    const count = new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        progress(Math.min(0.99, bytes / total));
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body?.pipeThrough(count), { status, statusText, headers });
  };
  const archives = ["library.zip", wheel].map(async (name) => {
    const response = await self.fetch(here(`engine/${name}`));
    if (!response.ok) throw new Error(`${name} could not be loaded: ${response.status}`);
    return response.arrayBuffer();
  });
  const { loadPyodide } = await import(here("engine/pyodide.mjs").href);
  const [python, ...contents] = await Promise.all([
    loadPyodide({ indexURL: here("engine/").href }),
    ...archives,
  ]);
  self.fetch = plainFetch;
  for (const content of contents) python.unpackArchive(content, "zip", { extractDir: "/safepublish" });
  python.runPython(`import sys; sys.path.insert(0, "/safepublish")`);
  return python.pyimport("answers");
}
