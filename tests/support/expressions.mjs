// node expressions.mjs PACKAGE < JSON: the value of each expression by GitHub's own evaluator; an error is {"error": true}.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const { data, Evaluator, Lexer, Parser } = await import(pathToFileURL(path.join(process.argv[2], 'dist', 'index.js')))

function plain (found) {
  if (found.kind === data.Kind.Null) return null
  if (found.kind === data.Kind.Number && !Number.isFinite(found.value)) return { number: String(found.value) }
  if (found.kind === data.Kind.Array || found.kind === data.Kind.Dictionary) return { other: true }
  return found.value
}

const values = JSON.parse(readFileSync(0, 'utf8')).map(text => {
  try {
    const { tokens } = new Lexer(text).lex()
    const expression = new Parser(tokens, [], []).parse()
    return plain(new Evaluator(expression, new data.Dictionary()).evaluate())
  } catch {
    return { error: true }
  }
})
console.log(JSON.stringify(values))
