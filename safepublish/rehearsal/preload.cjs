'use strict'

// Loaded by NODE_OPTIONS=--require into the npm of a rehearsal, and into every Node that it starts.
//
// Signing needs Sigstore's public servers, which a rehearsal must never write to: only `attest` of the `sigstore`
// package is replaced. It asks the CI for the id token as sigstore does, and returns a bundle of the real shape whose
// certificate holds the token's claims as they stand, for the embedded registry to look at.
// Where npm ships without sigstore (12.0.0) requiring it fails as it really does.
//
// And no connection leaves this machine: those to the hosts in SAFEPUBLISH_REHEARSAL, JSON of `host:port` to a port,
// go to that port of 127.0.0.1, those to any other host fail as if it did not exist.

const Module = require('node:module')
const net = require('node:net')
const dns = require('node:dns')

const load = Module._load
let stub

Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest)
  if (request !== 'sigstore') {
    return loaded
  }
  stub ??= { ...loaded, attest, sigstore: { ...loaded.sigstore, attest } }
  return stub
}

async function attest (payload, payloadType) {
  const claims = Buffer.from((await idToken()).split('.')[1], 'base64url')
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: claims.toString('base64') },
      tlogEntries: [{ logIndex: '4711', kindVersion: { kind: 'dsse', version: '0.0.1' } }],
    },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: Buffer.from('no signature').toString('base64'), keyid: '' }],
    },
  }
}

async function idToken () {
  if (process.env.SIGSTORE_ID_TOKEN) {
    return process.env.SIGSTORE_ID_TOKEN
  }
  const url = new URL(process.env.ACTIONS_ID_TOKEN_REQUEST_URL)
  url.searchParams.append('audience', 'sigstore')
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
  })
  if (!response.ok) {
    throw Object.assign(new Error('error retrieving identity token'), { code: 'IDENTITY_TOKEN_READ_ERROR' })
  }
  return (await response.json()).value
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1'])
const ROUTES = JSON.parse(process.env.SAFEPUBLISH_REHEARSAL || '{}')

function refusal (host) {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host })
}

const lookup = dns.lookup
dns.lookup = function (host, ...rest) {
  if (LOOPBACK.has(host)) {
    return lookup.call(this, host, ...rest)
  }
  process.nextTick(rest.at(-1), refusal(host))
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...words) {
  const normalized = Array.isArray(words[0])
  const options = normalized ? words[0][0] : words[0]
  const host = options?.host
  const port = ROUTES[`${host}:${options?.port}`]
  if (port) {
    // The TLS above it keeps the name that it was asked for.
    const routed = { ...options, host: '127.0.0.1', port, lookup: undefined }
    if (normalized) {
      words[0][0] = routed
    } else {
      words[0] = routed
    }
    return connect.apply(this, words)
  }
  if (host && net.isIP(host) && !LOOPBACK.has(host)) {
    process.nextTick(() => this.destroy(refusal(host)))
    return this
  }
  return connect.apply(this, words)
}
