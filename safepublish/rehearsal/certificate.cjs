'use strict'

// Prints, as JSON, the Node that runs it and a fresh key with its self-signed certificate for the hosts in its words.
//
// An npm that is told to trust this certificate talks to the registry's own name, so that its configuration, its
// requests and its output are those of the CI. It holds for a day, and the key is nowhere but in the rehearsal.
// Node signs, but has no call that makes a certificate: this is the DER of RFC 5280, section 4.1.

const { createHash, generateKeyPairSync, randomBytes, sign } = require('node:crypto')

function der (tag, ...parts) {
  const body = Buffer.concat(parts)
  let length = [body.length]
  if (body.length > 127) {
    const bytes = [...Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, '0'), 'hex')]
    length = [0x80 | bytes.length, ...bytes]
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const bytes = (...values) => Buffer.from(values)
const sequence = (...parts) => der(0x30, ...parts)
const octets = (part) => der(0x04, part)
const object = (hex) => der(0x06, Buffer.from(hex, 'hex'))
const time = (date) => der(0x17, Buffer.from(date.toISOString().replace(/^..|[-:T]|\.\d+/g, '')))
const extension = (id, critical, value) =>
  sequence(object(id), ...(critical ? [der(0x01, bytes(0xff))] : []), octets(value))

const DAY = 24 * 3600 * 1000
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const spki = publicKey.export({ type: 'spki', format: 'der' })
const hosts = process.argv.slice(2).map((host) => der(0x82, Buffer.from(host)))
const names = sequence(der(0x87, bytes(127, 0, 0, 1)), ...hosts)
const name = sequence(der(0x31, sequence(object('550403'), der(0x0c, Buffer.from('safepublish rehearsal')))))
const algorithm = sequence(object('2a8648ce3d040302')) // ecdsa-with-SHA256

const unsigned = sequence(
  der(0xa0, der(0x02, bytes(2))), // version 3
  der(0x02, bytes(1), randomBytes(15)),
  algorithm,
  name,
  sequence(time(new Date(Date.now() - DAY)), time(new Date(Date.now() + DAY))),
  name,
  spki,
  der(0xa3, sequence(
    extension('551d0e', false, octets(createHash('sha1').update(spki).digest())), // subject key identifier
    extension('551d13', true, sequence(der(0x01, bytes(0xff)))), // a certificate authority: its own
    extension('551d0f', true, der(0x03, bytes(2, 0x84))), // key usage: digitalSignature, keyCertSign
    extension('551d11', false, names)
  ))
)
const signed = sequence(unsigned, algorithm, der(0x03, bytes(0), sign('sha256', unsigned, privateKey)))

console.log(JSON.stringify({
  node: process.execPath,
  version: process.versions.node,
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  certificate: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
}))
