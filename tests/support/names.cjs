// Loaded after the preload into every npm of a test: notes each host that is connected to, one a line in $NAMES.
'use strict'
const fs = require('node:fs')
const net = require('node:net')
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...words) {
  const options = Array.isArray(words[0]) ? words[0][0] : words[0]
  fs.appendFileSync(process.env.NAMES, `node ${options?.host}\n`)
  return connect.apply(this, words)
}
