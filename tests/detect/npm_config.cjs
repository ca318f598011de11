// Answers, for many situations at once, what the real npm makes of its configuration.
// Arguments: npm's package directory, the file with the situations (JSON), the file for the answers.
'use strict'
const fs = require('fs')
const path = require('path')
const [npmDir, situations, answers] = process.argv.slice(2)
const { Module } = require('module')
const load = Module._load
Module._load = (name, ...rest) => name === 'sigstore' ? {} : load(name, ...rest) // npm 12.0.0 ships without it
const from = name => require(require.resolve(name, { paths: [npmDir] }))
const Npm = require(path.join(npmDir, 'lib', 'npm.js'))
const npmFetch = from('npm-registry-fetch')
const npa = from('npm-package-arg')
const { flatten, definitions, shorthands } = from('@npmcli/config/lib/definitions')
const typeDefs = from('@npmcli/config/lib/type-defs.js')
const semver = from('semver')
const getAuth = npmFetch.getAuth || from('npm-registry-fetch/lib/auth.js')
const publish = fs.readFileSync(path.join(npmDir, 'lib/commands/publish.js'), 'utf8')
const exchange = path.join(npmDir, 'lib/utils/oidc.js')
const exchangedLevel = fs.existsSync(exchange) && /authTokenKey, .*'user'/.test(fs.readFileSync(exchange, 'utf8')) ? 'user' : 'cli'
const alwaysWorkspaces = !publish.includes('useWorkspaces')
const flagsWin = publish.includes('cliFlags')
const checksTag = publish.includes('npa(`${manifest.name}@${defaultTag}`)')
const silent = () => true
process.stdout.write = silent
process.stderr.write = silent
process.on('unhandledRejection', () => {})

const plain = value => value === undefined ? null : value
const settings = ['registry', 'tag', 'access', 'provenance', 'dry-run', 'force', 'otp', 'loglevel', 'json', 'workspaces',
  'workspace', 'include-workspace-root', 'strict-ssl', 'fetch-timeout', 'proxy', 'https-proxy', 'noproxy', 'scope',
  'userconfig', 'globalconfig', 'global', 'location', 'prefix', 'cafile', 'ca']

async function look ({ words, env, cwd, name, publishConfig }) {
  for (const key of Object.keys(process.env)) {
    delete process.env[key]
  }
  Object.assign(process.env, env)
  process.chdir(cwd)
  process.argv = [process.execPath, path.join(npmDir, 'bin', 'npm-cli.js'), ...words]
  const npm = new Npm()
  const answer = {}
  try {
    await npm.load()
    const { config } = npm
    answer.localPrefix = config.localPrefix
    const args = config.parsedArgv.remain.slice(1)
    answer.positionals = args
    answer.cli = Object.fromEntries(Object.entries(config.data.get('cli').raw).map(([k, v]) => [k, plain(v)]))
    const Publish = Npm.cmd('publish')
    const command = new Publish(npm)
    if (command.validateCli) {
      command.validateCli([], args)
    }
    answer.settings = Object.fromEntries(settings.map(key => [key, plain(config.get(key))]))
    answer.where = Object.fromEntries(settings.map(key => [key, config.find(key)]))
    answer.isDefault = Object.fromEntries(settings.map(key => [key, config.isDefault(key)]))
    const chosen = config.get('workspaces') || config.get('workspace').length
    if (chosen && npm.global) {
      throw new Error('Workspaces not supported for global packages')
    }
    if (chosen && (alwaysWorkspaces || args.length === 0 || args.includes('.'))) {
      await command.setWorkspaces()
      answer.workspaces = command.workspacePaths
    }
    // What lib/commands/publish.js checks before it looks at the package.
    if (!answer.workspaces && args.length > 1) {
      throw command.usageError()
    }
    if (semver.validRange(config.get('tag'))) {
      throw new Error('Tag name must not be a valid SemVer range')
    }
    if (checksTag) {
      npa(`${name}@${config.get('tag')}`)
    }
    const opts = { ...npm.flatOptions }
    const flags = config.data.get('cli').raw
    flatten(Object.fromEntries(Object.entries(publishConfig).filter(([key]) => !flagsWin || !(key in flags))), opts)
    const spec = npa.resolve(name, '1.0.0')
    const registry = npmFetch.pickRegistry(spec, opts)
    answer.registry = registry
    answer.opts = {
      tag: plain(opts.defaultTag),
      access: plain(opts.access),
      provenance: plain(opts.provenance),
      provenanceFile: !!opts.provenanceFile,
      proxy: plain(opts.httpsProxy || opts.proxy || null),
      noProxy: plain(opts.noProxy),
      strictSSL: plain(opts.strictSSL),
      ca: plain(opts.ca),
      timeout: plain(opts.timeout),
    }
    const creds = config.getCredentialsByURI(registry)
    answer.loggedIn = !!(creds.token || creds.username || (creds.certfile && creds.keyfile))
    const uri = `${registry.trim().replace(/\/?$/g, '')}/${spec.escapedName}`
    try {
      answer.auth = sent(uri, { ...opts, spec }, config)
    } catch {
      answer.auth = null // without credentials, an `opts.registry` that is no URL; npm says ENEEDAUTH before
    }
    // What lib/utils/oidc.js does with the exchanged token.
    const parsed = new URL(registry)
    const key = `//${parsed.host}${parsed.pathname}:_authToken`
    config.set(key, 'exchanged', exchangedLevel)
    const after = config.getCredentialsByURI(registry)
    answer.loggedInByOidc = !!(after.token || after.username || (after.certfile && after.keyfile))
    answer.sendsExchanged = getAuth(uri, { ...opts, spec, [key]: 'exchanged' }).token === 'exchanged'
  } catch (error) {
    answer.error = { code: plain(error.code), message: String(error.message) }
  }
  npm.unload()
  return answer
}

function sent (uri, opts, config) {
  const auth = getAuth(uri, opts)
  let { regKey, authKey } = auth
  if (regKey === undefined) { // npm 9 does not tell
    regKey = null
    authKey = auth.token ? '_authToken' : auth.auth ? (auth.isBasicAuth ? 'username' : '_auth') : null
  }
  return {
    key: regKey && authKey ? `${regKey}:${authKey}` : null,
    suffix: authKey || null,
    value: plain(auth.token || auth.auth),
    where: regKey && authKey ? config.find(`${regKey}:${authKey}`) : null,
  }
}

const named = type => {
  for (const [letter, candidate] of Object.entries({
    B: Boolean, S: String, N: Number, D: Date, A: Array,
    P: typeDefs.path.type, U: typeDefs.url.type, M: typeDefs.Umask.type, V: typeDefs.semver.type,
  })) {
    if (type === candidate) {
      return letter
    }
  }
  return type === null ? '~' : type === '' ? "''" : String(type)
}

async function main () {
  const told = []
  for (const situation of JSON.parse(fs.readFileSync(situations, 'utf8'))) {
    told.push(await look(situation))
  }
  const options = Object.fromEntries(Object.entries(definitions).map(([key, { type, exclusive }]) => [key, {
    type: [].concat(type === null ? [null] : type).filter(t => typeof t !== 'number').map(named).join(' '),
    exclusive: exclusive || [],
    default: plain(definitions[key].default),
  }]))
  fs.writeFileSync(answers, JSON.stringify({ told, options, shorthands }))
  process.exit(0)
}
main()
