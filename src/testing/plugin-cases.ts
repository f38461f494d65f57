import assert from 'node:assert/strict'
import { carry, partsOf } from '../core/hooks/define-plugin.ts'
import type { Plugin } from '../core/hooks/hook-context.ts'
import type { AnyPluginDefinition } from '../core/hooks/plugin.ts'
import { memoryStore } from '../core/memory/memory-store.ts'
import type { Store } from '../core/ports.ts'
import type { Message } from '../core/types.ts'
import { type Fault, withFault } from './fault.ts'
import { remoteStore } from './remote-store.ts'
import { simulate, type Simulation } from './simulate.ts'
import type { Case } from './store-cases.ts'

const FAULTS: readonly Fault[] = ['throws', 'rejects', 'hangs', 'returnsNonsense']
const AGENTS = [{ id: 'ana', name: 'Ana' }]

/**
 * Ready-made cases for any plugin and any runner: every fault in every hook, every hook run twice (as after a write conflict), and the
 * plugin removed while a conversation is under way. What it requires counts as present.
 * @example for (const { name, run } of pluginCases(nps())) test(name, run)
 */
export function pluginCases(plugin: Plugin): readonly Case[] {
  const definition = partsOf(plugin)?.definition
  if (definition === undefined) throw new TypeError(`\`${String(plugin.name)}\` is no plugin made by definePlugin`)
  const needed = requiredBy(definition)
  const hooks = Object.keys(definition.hooks ?? {})
  return [
    { name: 'goes through a whole conversation', run: () => goesThrough([...needed, plugin]) },
    ...hooks.flatMap((hook) =>
      FAULTS.map((fault) => ({
        name: `is passed over when ${hook} ${fault === 'returnsNonsense' ? 'returns nonsense' : fault}`,
        run: () => goesThrough([...needed, withFault(plugin, hook, fault)]),
      })),
    ),
    { name: 'says the same when its hooks run twice', run: () => runsTwice([...needed, plugin]) },
    ...STAGES.map((stage, index) => ({
      name: `can be removed ${stage.name}`,
      run: () => isRemoved([...needed, plugin], { needed, stages: STAGES.slice(0, index + 1) }),
    })),
  ]
}

/** A story that comes by most transitions; whatever is asked in between is answered with something. */
interface Stage {
  readonly name: string
  run(sim: Simulation): Promise<void>
}

/** Does it, whatever comes of it (a plugin may forbid it, or keep it waiting), and lets the time of any hook run out. */
async function tries(sim: Simulation, deed: () => Promise<unknown>): Promise<void> {
  deed().catch(() => undefined) // a refusal is no failure here
  await sim.advance('4s')
}

const STAGES: readonly Stage[] = [
  { name: 'after the greeting', run: (sim) => tries(sim, () => sim.customer('kim').says('hello')) },
  { name: 'after a question', run: (sim) => says(sim, ['Where is my order?', '7', 'yes']) },
  { name: 'while the customer waits', run: (sim) => says(sim, ['a person, please', '7', 'kim@example.com']) },
  {
    name: 'while an agent talks',
    async run(sim) {
      const desk = sim.engine.agent('ana')
      const id = (await sim.engine.conversations())[0]?.id ?? ''
      for (const deed of [
        () => desk.accept(id),
        () => desk.say(id, 'Hello.'),
        () => desk.hold(id),
        () => desk.say(id, 'Back.'),
      ])
        await tries(sim, deed)
    },
  },
  {
    name: 'while it is being closed',
    async run(sim) {
      const id = (await sim.engine.conversations())[0]?.id ?? ''
      await tries(sim, () => sim.engine.agent('ana').close(id))
      await says(sim, ['yes'])
    },
  },
]

async function says(sim: Simulation, texts: readonly string[]): Promise<void> {
  for (const text of texts) await tries(sim, () => sim.customer('kim').says(text))
}

async function play(
  plugins: readonly Plugin[],
  about: { readonly store: Store; readonly stages: readonly Stage[] },
): Promise<Simulation> {
  const sim = simulate({ agents: AGENTS, plugins, store: about.store })
  await sim.advance(0)
  for (const stage of about.stages) await stage.run(sim)
  return sim
}

/** Every message that was taken is in the transcript, and time closes the conversation; the invariants are checked at every verb. */
async function goesThrough(plugins: readonly Plugin[]): Promise<void> {
  const sim = await play(plugins, { store: memoryStore(), stages: STAGES })
  await closes(sim)
  await sim[Symbol.asyncDispose]()
}

async function closes(sim: Simulation): Promise<void> {
  await sim.advance('10d')
  for (const { id, phase } of await sim.engine.conversations())
    assert.equal(phase, 'closed', `the conversation ${id} is stuck in ${phase}`)
}

async function runsTwice(plugins: readonly Plugin[]): Promise<void> {
  const refused = new Set<string>()
  const store = remoteStore(memoryStore(), {
    conflicts: ({ id, expect }) => {
      const name = `${id} ${expect}`
      if (expect === 0 || refused.has(name)) return false
      refused.add(name)
      return true
    },
  })
  const [once, twice] = [
    await play(plugins, { store: remoteStore(memoryStore()), stages: STAGES }),
    await play(plugins, { store, stages: STAGES }),
  ]
  const [expected, found] = [once.customer('kim').messages.map(toLine), twice.customer('kim').messages.map(toLine)]
  assert.deepEqual(found, expected, 'a hook that acts other than through its context acts twice')
  await once[Symbol.asyncDispose]()
  await twice[Symbol.asyncDispose]()
}

function toLine({ author, text }: Message): string {
  return `${author}: ${text}`
}

/** The engine stops, and goes on without the plugin: nobody is stranded. */
async function isRemoved(
  plugins: readonly Plugin[],
  about: { readonly needed: readonly Plugin[]; readonly stages: readonly Stage[] },
): Promise<void> {
  const store = memoryStore()
  const before = await play(plugins, { store, stages: about.stages })
  await before[Symbol.asyncDispose]()
  const after = simulate(
    { agents: AGENTS, plugins: about.needed, store },
    { startAt: new Date(before.now).toISOString() },
  )
  await closes(after)
  await after[Symbol.asyncDispose]()
}

/** Stands in for what a plugin requires: the name is there, and nothing else. */
function requiredBy({ requires = [] }: AnyPluginDefinition): readonly Plugin[] {
  return requires.flatMap((factory) => {
    const definition = partsOf(factory)?.definition
    return definition === undefined ? [] : [carry({ name: definition.name, version: definition.version }, {})]
  })
}
