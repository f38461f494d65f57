import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { defineConfig, type Options } from 'tsup'

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number]
type Build = Parameters<EsbuildPlugin['setup']>[0]
type Entries = Readonly<Record<string, string>>

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Tool {
  readonly file: string
  readonly folders: readonly string[]
}

const library: Entries = {
  index: 'src/index.ts',
  plugins: 'src/plugins/index.ts',
  stores: 'src/stores/index.ts',
  transports: 'src/transports/index.ts',
  testing: 'src/testing/index.ts',
}
/** Runs in a browser: a file of its own, that imports nothing. */
const browser: Entries = { client: 'src/client/index.ts' }
const command: Entries = { cli: 'src/cli/main.ts' }
const target = 'node20'
const { dependencies, peerDependencies } = readManifest('.')
const installed = new Set(Object.keys({ ...dependencies, ...peerDependencies }))

/**
 * A declared dependency stays an import. Anything else is a tool that only the command may use, bundled into a file
 * of its own: inside the shared build, a CommonJS tool would put `require` into the chunk that every entry imports.
 */
const bareImports: EsbuildPlugin = {
  name: 'bare-imports',
  setup(build) {
    const tools = new Map<string, Promise<Tool>>()
    build.onResolve({ filter: /^[^./]/ }, async ({ path: name, importer, kind }) => {
      if (kind === 'entry-point') return undefined
      if (name.startsWith('node:') || isBuiltin(name) || installed.has(packageOf(name)))
        return { path: name, external: true }
      if (!importer.startsWith(path.resolve('src/cli'))) {
        return { errors: [{ text: `\`${name}\` is not a dependency; only src/cli may bundle what is not` }] }
      }
      const tool = tools.get(name) ?? bundleTool(build, name)
      tools.set(name, tool)
      return { path: `./${(await tool).file}`, external: true }
    })
    build.onEnd(async () => {
      const folders = new Set((await Promise.all(tools.values())).flatMap((tool) => tool.folders))
      if (folders.size > 0) writeFileSync('dist/cli-licences.txt', [...folders].sort().map(toLicence).join('\n\n'))
    })
  },
}

/**
 * What `maitred` needs is one file, whichever entries there are: else what any two of them share becomes a chunk of its own, and who imports
 * waits for a dozen files instead of four.
 */
const oneHouse: EsbuildPlugin = {
  name: 'one-house',
  setup(build) {
    const house = path.resolve(library['index'] ?? '')
    const others = new Set(Object.values({ ...library, ...command }).map((file) => path.resolve(file)))
    others.delete(house)
    build.onResolve({ filter: /^house:$/ }, () => ({ path: house, sideEffects: true })) // else it would be left out
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path: file }) => {
      if (!others.has(file)) return undefined
      return { contents: `${await readFile(file, 'utf8')}\nimport 'house:'\n`, loader: 'ts' }
    })
  },
}

const forBrowsers: EsbuildPlugin = {
  name: 'for-browsers',
  setup(build) {
    build.onEnd(async () => {
      const options = { bundle: true, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error' } as const
      await build.esbuild.build({ ...options, entryPoints: existing(browser), outdir: 'dist' })
      cpSync('src/cli/demo/page', 'dist/page', { recursive: true }) // served as it is written
    })
  },
}

async function bundleTool(build: Build, name: string): Promise<Tool> {
  const file = `cli-${name.replace('@', '').replaceAll('/', '-')}.js`
  const { metafile } = await build.esbuild.build({
    entryPoints: [name],
    outfile: `dist/${file}`,
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target,
    logLevel: 'error',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
  })
  const folders = Object.keys(metafile.inputs).flatMap(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [],
  )
  return { file, folders }
}

function toLicence(folder: string): string {
  const { name, version } = readManifest(folder)
  const file = readdirSync(folder).find((entryName) => /^licen[cs]e/i.test(entryName))
  if (file === undefined) throw new Error(`\`${name}\` has no licence file: it cannot be bundled`)
  return `${name} ${version}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** An entry that is not written yet is left out; the package check then names the export that has no file. */
function existing(entries: Entries): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)))
}

const entry = existing({ ...library, ...command })

// An empty list builds nothing: a checkout without sources still installs.
export default Object.keys(entry).length === 0
  ? []
  : defineConfig({
      entry,
      dts: { entry: existing({ ...library, ...browser }) },
      format: 'esm',
      target,
      platform: 'node',
      splitting: true, // one `MaitredError` and one core, whichever entry asks for them
      clean: true,
      silent: true, // errors are still printed
      removeNodeProtocol: false, // `node:sqlite` has no other name
      noExternal: [/^[^./]/], // leaves every package to `bareImports`
      esbuildPlugins: [oneHouse, bareImports, forBrowsers],
      // Whoever imports waits for what has to be read: no blanks, but names and lines, so that a stack trace says where.
      esbuildOptions(options) {
        Object.assign(options, { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 })
      },
      plugins: [
        {
          name: 'only-what-is-used', // importing a part of the library does nothing by itself, so nobody has to wait for it
          renderChunk(code, chunk) {
            if (chunk.type !== 'chunk') return undefined
            return { code: code.replace(/\bimport"\.\/chunk-\w+\.js";/g, '') }
          },
        },
        {
          name: 'shebang',
          renderChunk(code, chunk) {
            if (chunk.type !== 'chunk' || path.basename(chunk.path) !== 'cli.js') return undefined
            chunk.mode = 0o755
            return { code: `#!/usr/bin/env node\n${code.replace(/^#!.*\n/, '')}` }
          },
        },
      ],
    })
