import { systemClock } from './core/clock.ts'
import { createCore } from './core/engine/engine.ts'
import type { Engine } from './core/engine/engine-api.ts'
import { MaitredError } from './core/errors.ts'
import type { Plugin } from './core/hooks/hook-context.ts'
import { createId } from './core/ids.ts'
import { memoryStore } from './core/memory/memory-store.ts'
import { nearest } from './core/nearest.ts'
import { DEFAULT_PHRASES, type Phrases } from './core/phrases.ts'
import type { Channel, Clock, Log, Store } from './core/ports.ts'
import { refuseAgent } from './core/engine/roster.ts'
import { resolveSettings, type Silence } from './core/settings.ts'
import { DEFAULT_TEXTS, type Texts } from './core/texts.ts'
import type { Agent, Duration } from './core/types.ts'
import { admit, type Admission, resolveAdmission } from './routing/admission.ts'
import { createRouter } from './routing/router.ts'
import { resolveRouting, type Routing } from './routing/routing.ts'

/** Everything an engine can be told. All of it has defaults; making the value opens nothing. */
export interface EngineOptions<Skill extends string = string> {
  /** Declared once: a misspelt skill is a compile error, and `SKILL_UNKNOWN` at run time. */
  readonly skills?: readonly Skill[]
  readonly agents?: readonly Agent<NoInfer<Skill>>[]
  readonly plugins?: readonly Plugin[]
  readonly routing?: Routing<NoInfer<Skill>>
  readonly admission?: Admission
  readonly silence?: Silence
  /** How long after its end a conversation is taken up again when its customer comes back; 10 minutes unless said. */
  readonly reopenWithin?: Duration
  /** The wording of everything the bot says by itself. */
  readonly texts?: Texts
  /** How customers say yes, no and "a person, please", in their language. */
  readonly phrases?: Partial<Phrases>
  /** Where replies go besides the web: email, SMS, ... */
  readonly channels?: readonly Channel[]
  /** Part of every key in the store; '' unless said. */
  readonly tenant?: string
  /** Memory unless said. */
  readonly store?: Store
  readonly log?: Log
}

/** What a simulation replaces. */
export interface World {
  readonly clock: Clock
  /** For whatever is left to chance. */
  readonly seed: number
  createId(at: number): string
}

const OPTION_NAMES = [
  'skills',
  'agents',
  'plugins',
  'routing',
  'admission',
  'silence',
  'reopenWithin',
  'texts',
  'phrases',
  'channels',
  'tenant',
  'store',
  'log',
] as const satisfies readonly (keyof EngineOptions)[]

/**
 * Puts an engine together out of options and a world.
 * @throws MaitredError for anything that cannot work, with the `path` of the option
 */
export function assemble<Skill extends string>(options: EngineOptions<Skill>, world: World): Engine<Skill> {
  refuseUnknownOptions(options)
  const routing = resolveRouting(options.routing)
  const admission = resolveAdmission(options.admission)
  const declared = options.skills === undefined ? undefined : new Set<string>(options.skills)
  refuseAgents(options.agents ?? [], declared)
  const log = options.log ?? SILENT
  const router = createRouter(options.routing, {
    seed: world.seed,
    onPolicyFault: (fault) => log.error({ ...fault }, 'the agent policy failed'),
  })
  return createCore({
    skills: options.skills,
    agents: options.agents ?? [],
    plugins: options.plugins ?? [],
    settings: resolveSettings({
      ...(options.silence === undefined ? {} : { silence: options.silence }),
      ...(options.reopenWithin === undefined ? {} : { reopenWithin: options.reopenWithin }),
      offerMs: routing.offerTimeoutMs,
      wrapUpMs: routing.wrapUpMs,
      overflowMs: routing.overflow.afterMs,
      overflowTo: routing.overflow.to,
    }),
    texts: options.texts ?? {},
    phrases: { ...DEFAULT_PHRASES, ...options.phrases },
    channels: options.channels ?? [],
    tenant: options.tenant ?? '',
    store: options.store ?? memoryStore(),
    log,
    clock: world.clock,
    router,
    admit: (visit, skills, at) =>
      admit(
        visit,
        { staffing: router.staffing(skills), waitingCount: router.waitingCount, wait: router.forecast(skills, at), at },
        admission,
      ),
    createId: (at) => world.createId(at),
  })
}

/** The world as it is. */
export const realWorld: World = { clock: systemClock, seed: 0, createId }

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

function refuseUnknownOptions(options: object): void {
  const allowed: readonly string[] = OPTION_NAMES
  const unknown = Object.keys(options).find((name) => !allowed.includes(name))
  if (unknown !== undefined) throw unknownName('an option', unknown, { path: unknown, names: allowed })
  const { texts } = options as EngineOptions
  const text = Object.keys(texts ?? {}).find((key) => !Object.hasOwn(DEFAULT_TEXTS, key))
  if (text !== undefined)
    throw unknownName('a text', text, { path: `texts.${text}`, names: Object.keys(DEFAULT_TEXTS) })
}

function unknownName(
  what: string,
  name: string,
  { path, names }: { readonly path: string; readonly names: readonly string[] },
): MaitredError {
  const near = nearest(name, names)
  return new MaitredError('CONFIG_INVALID', {
    message: `There is no such thing as ${what} called \`${name}\`.`,
    hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean \`${near}\`?`,
    path,
  })
}

function refuseAgents(agents: readonly Agent[], declared: ReadonlySet<string> | undefined): void {
  const ids = new Set<string>()
  for (const [index, agent] of agents.entries()) {
    const path = `agents[${index}]`
    refuseAgent(agent, declared, path)
    if (ids.has(agent.id)) {
      throw new MaitredError('CONFIG_INVALID', {
        message: `Two agents have the id \`${agent.id}\`; the second stands at \`${path}\`.`,
        hint: 'Give each agent an id of their own.',
        path: `${path}.id`,
      })
    }
    ids.add(agent.id)
  }
}
