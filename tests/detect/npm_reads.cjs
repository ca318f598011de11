// Answers, with the modules of the npm in argv[2], the questions on stdin: what it makes of manifests, words and URLs.
const { join } = require('node:path')
const npm = process.argv[2]
const load = name => require(join(npm, 'node_modules', name))
const packageJson = load('@npmcli/package-json')
const hostedGitInfo = load('hosted-git-info')
const npa = load('npm-package-arg')
const tried = async question => {
  try {
    return await question()
  } catch (error) {
    return { error: String(error.message) }
  }
}

// lib/commands/publish.js, #getManifest; then what #publish and libnpmpublish ask of name and version.
const manifest = directory => tried(async () => {
  const { content } = await (await packageJson.fix(directory)).prepare()
  const { name, version } = content
  return {
    name,
    version,
    private: Boolean(content.private),
    repository: content.repository?.url ?? null,
    publishConfig: content.publishConfig ?? null,
    named: await tried(() => {
      npa.resolve(name, version)
      npa(`${name}@latest`)
      return npa.resolve(name, version).name ?? { error: 'no name' }
    }),
  }
})

const tarball = path => tried(async () => {
  const content = await load('pacote').manifest(path, { fullMetadata: true, fullReadJson: true })
  const { name, version } = content
  return { name, version, private: Boolean(content.private), repository: content.repository?.url ?? null }
})

// @npmcli/package-json, fixRepositoryField
const url = text => tried(() => {
  const hosted = hostedGitInfo.fromUrl(text)
  if (!hosted) {
    return text
  }
  return hosted.getDefaultRepresentation() === 'shortcut' ? hosted.https() : hosted.toString()
})

const word = ([text, cwd]) => tried(() => {
  const { type, name, fetchSpec } = npa(text, cwd)
  return { type, name: name ?? null, path: type === 'file' || type === 'directory' ? fetchSpec : null }
})

let stdin = ''
process.stdin.on('data', chunk => (stdin += chunk)).on('end', async () => {
  const asked = JSON.parse(stdin)
  const all = (questions, answer) => Promise.all((questions ?? []).map(answer))
  process.stdout.write(JSON.stringify({
    manifests: await all(asked.manifests, manifest),
    tarballs: await all(asked.tarballs, tarball),
    urls: await all(asked.urls, url),
    words: await all(asked.words, word),
  }))
})
