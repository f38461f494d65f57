import { runInThisContext } from 'node:vm'
import { z } from 'zod'
import { askBefore, beginAsking } from '../src/core/hooks/contexts.ts'
import { compileHooks, type HookTable } from '../src/core/hooks/hook-table.ts'
import { install, type Installed, type InstallServices, readPlugins } from '../src/core/hooks/installed.ts'
import type { Scene, TakenStep } from '../src/core/hooks/scene.ts'
import { definePlugin } from '../src/index.ts'
import { compare, type Side } from './paired.ts'
import { goalOf, ratioOf, type Row, type Section } from './section.ts'

const CALLS = 200_000
/** A round takes a hundredth of a second: so many more of them are compared. */
const SHORT = 4

/** What the calling of hooks costs beside calling functions. */
export const hooks: Section = {
  name: 'hooks',
  title: 'Synchronous hooks beside a plain loop over functions (CPU time, paired rounds)',
  async run({ rounds }) {
    const rows: Row[] = []
    for (const count of [5, 20]) {
      const sides = [plainLoop(count), ourRunner(count), awaitEach(count)]
      const compared = await compare(sides, { rounds: SHORT * rounds, warmUp: 3 * SHORT, tidy: 'young' })
      rows.push(
        ...compared.map((side, index) => ({
          what: side.name,
          figure: `${((side.roundUs * 1_000) / CALLS).toFixed(0)} ns`,
          ratio: ratioOf(side),
          ...(index === 1 && count === 5 ? { goal: goalOf(side.ratio, '<=', 1.5) } : {}),
        })),
      )
    }
    return {
      base: 'a loop over as many functions, each called in a `try` with the transition and its own configuration',
      rows,
      notes: [
        'Each hook reads `ctx.transition` and, one time in seven, `ctx.config`; none shares its code with another. In the runner each has a context of its own, so that what it asks for can be taken back alone. With one object for all of them, and no configuration, a plain loop was 1.3 times faster than the base.',
      ],
    }
  },
}

let written = 0

type Write = (seen: { count: number }) => (ctx: Read) => void

/** What a hook reads: which step it is, and its own plugin's configuration. */
interface Read {
  readonly transition: string | undefined
  readonly config: unknown
}

/** What the functions have seen, so that they are not found to do nothing. */
const seen = { count: 0 }

/**
 * As many functions as in a process with as many plugins: none shares its code with another. Closures of one text would: V8 keeps one note
 * for all of them of what they were called with, and every side would pay for the objects of the others.
 */
function functions(count: number): readonly ((ctx: Read) => void)[] {
  return Array.from({ length: count }, () => {
    written += 1 // two of the same text would be one code again
    const write = runInThisContext(
      `(seen) => (ctx) => { if (ctx.transition === 'greet' && ctx.config.by !== 0) seen.count += ctx.config.by } // ${written}`,
    ) as Write // as the text says
    return write(seen)
  })
}

interface Own {
  readonly run: (ctx: Read) => void
  readonly config: unknown
}

/** The functions, each with a configuration of its own. */
function owned(count: number): readonly Own[] {
  return functions(count).map((run) => ({ run, config: { by: 1 } }))
}

function plainLoop(count: number): Side {
  const all = owned(count)
  return {
    name: `${count} functions in a plain loop`,
    run() {
      for (let call = 0; call < CALLS; call += 1) {
        const transition = call % 7 === 0 ? 'greet' : 'hold'
        for (const { run, config } of all) {
          try {
            run({ transition, config })
          } catch {
            seen.count -= 1
          }
        }
      }
    },
  }
}

function awaitEach(count: number): Side {
  const all = owned(count)
  return {
    name: `${count} functions, each awaited`,
    async run() {
      for (let call = 0; call < CALLS; call += 1) {
        const transition = call % 7 === 0 ? 'greet' : 'hold'
        for (const { run, config } of all) await (run({ transition, config }) as void | Promise<void>) // as one does who does not know
      }
    },
  }
}

/** As the walk asks the `before` hooks about one edge: plugins made and installed as in an engine, and the walk's own asking. */
function ourRunner(count: number): Side {
  const plugins = functions(count).map((run, index) => installed(run, index))
  const { before } = compileHooks(plugins)
  const edges = [toEdge('greet', before), toEdge('hold', before)] as const
  return {
    name: `${count} \`before\` hooks of maitred`,
    run() {
      for (let call = 0; call < CALLS; call += 1) {
        const { taken, handlers } = call % 7 === 0 ? edges[0] : edges[1]
        const stopped = askBefore(beginAsking(SCENE, taken), handlers, 0)
        if (stopped !== undefined) throw new Error('expected hooks that answer at once, and have nothing against it')
      }
    },
  }
}

function toEdge(transition: TakenStep['transition'], before: HookTable['before']) {
  return { taken: { transition, details: () => ({}), isFact: false }, handlers: before.get(transition) ?? [] }
}

function installed(run: (ctx: Read) => void, index: number): Installed {
  const plugin = definePlugin({
    name: `watcher-${index}`,
    version: '1.0.0',
    config: z.object({ by: z.number() }),
    hooks: { 'before:*': run },
  })
  const [parts] = readPlugins([plugin({ by: 1 })])
  if (parts === undefined) throw new Error('expected the plugin that was just made')
  return install(parts, HOUSE)
}

/** Of the engine these plugins ask for nothing. */
const HOUSE = {} as InstallServices

/** Of the turn these hooks read nothing. */
const SCENE = {
  now: 0,
  failed(_called: unknown, _why: unknown, error: unknown) {
    throw error
  },
} as unknown as Scene
