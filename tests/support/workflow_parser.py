"""GitHub's own parser of workflow files, from npm, which says what it refuses."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support import world

_LOADER = """\
export async function load(url, context, next) {
  return next(url, url.endsWith(".json") ? {...context, importAttributes: {type: "json"}} : context);
}
"""
"""The package imports JSON as bundlers take it."""

_PARSE = """\
import {readFileSync} from "node:fs";
import {register} from "node:module";
import {pathToFileURL} from "node:url";
register("./loader.mjs", import.meta.url);
const base = pathToFileURL(process.argv[2] + "/@actions/workflow-parser/dist/");
const {parseWorkflow, NoOperationTraceWriter, convertWorkflowTemplate} = await import(new URL("index.js", base));
const {parseAction, convertActionTemplate} = await import(new URL("actions/index.js", base));
const answers = [];
for (const [name, content] of JSON.parse(readFileSync(0, "utf8"))) {
  const isAction = name === "action.yml";
  const result = (isAction ? parseAction : parseWorkflow)({name, content}, new NoOperationTraceWriter());
  if (result.value && !result.context.errors.getErrors().length) {
    await (isAction ? convertActionTemplate : convertWorkflowTemplate)(result.context, result.value);
  }
  answers.push(result.context.errors.getErrors().map(error => error.message));
}
console.log(JSON.stringify(answers));
"""


def errors(files: Sequence[tuple[str, str]], directory: Path) -> list[list[str]]:
    """What GitHub's parser says of each file, a name and a text; an action has the name action.yml."""
    modules = world.tool("@actions/workflow-parser@0.3.61").parent
    (directory / "loader.mjs").write_text(_LOADER)
    script = directory / "parse.mjs"
    script.write_text(_PARSE)
    run = subprocess.run(
        [str(world.node()), str(script), str(modules)],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = json.loads(run.stdout)
    return found
