// Runs a Python program in WebAssembly: node pyodide.cjs PYODIDE SITE PROGRAM, with a JSON document on stdin.
// SITE holds the packages that the program may import; it sees nothing else of this machine. The program finds the
// document's members as variables.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

async function main() {
  const [pyodide, site, program] = process.argv.slice(2);
  const { loadPyodide } = require(join(pyodide, "pyodide.js"));
  const python = await loadPyodide({ indexURL: pyodide });
  python.mountNodeFS("/site", site);
  for (const [name, value] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) python.globals.set(name, value);
  await python.runPythonAsync(`import sys\nsys.path.insert(0, "/site")\n${program}`);
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
