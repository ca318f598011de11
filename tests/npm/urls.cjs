// Answers, for each URL of a JSON list on stdin, what this Node makes of it. An entry is [text] or [text, base].
'use strict'
const legacy = require('node:url').parse
process.removeAllListeners('warning')

const whole = (text, base) => {
  try {
    const { protocol, host, hostname, pathname, href, username, password } = new URL(text, base)
    return { protocol, host, hostname, pathname, href, username, password }
  } catch {
    return null
  }
}

const old = text => {
  try {
    const { host, href } = legacy(text)
    return host ? whole(href) : null
  } catch {
    return null
  }
}

const query = href => {
  const url = new URL(href)
  url.searchParams.append('audience', 'npm:[::1]')
  return url.href
}

const answer = ([text, base]) => {
  const parsed = whole(text, base)
  return { parsed, legacy: base === undefined ? old(text) : null, asked: parsed && query(parsed.href) }
}

process.stdout.write(JSON.stringify(JSON.parse(require('node:fs').readFileSync(0, 'utf8')).map(answer)))
