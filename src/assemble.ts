import { systemClock } from './core/clock.ts'
import type { RetentionSettings } from './core/engine/core.ts'
import { createCore } from './core/engine/engine.ts'
import type { Engine } from './core/engine/engine-api.ts'
import type { NodeSettings } from './core/engine/nodes/shared-work.ts'
import { toMs } from './core/duration.ts'
import { MaitredError } from './core/errors.ts'
import type { Plugin } from './core/hooks/hook-context.ts'
import { guardLog } from './core/guard-log.ts'
import { createId } from './core/ids.ts'
import { type NamesOf, refuseUnknownNames, unknownName, wrongForm, wrongKind } from './core/known-names.ts'
import { memoryStore } from './core/memory/memory-store.ts'
import { DEFAULT_PHRASES, type Phrases } from './core/phrases.ts'
import type { Channel, Clock, Log, Router, Store } from './core/ports.ts'
import { refuseAgent } from './core/engine/roster.ts'
import { type PresenceRules, resolveSettings, type Settings, type Silence } from './core/settings.ts'
import { DEFAULT_TEXTS, type Texts } from './core/texts.ts'
import type { Agent, Duration } from './core/types.ts'
import {
  admit,
  type Admission,
  type HouseState,
  hoursChangeAt,
  resolveAdmission,
  teamsOpenAt,
} from './routing/admission.ts'
import { createRouter } from './routing/router.ts'
import { resolveRouting, type Routing } from './routing/routing.ts'

/** Everything an engine can be told. All of it has defaults; making the value opens nothing. */
export interface EngineOptions<Skill extends string = string> {
  /** Declared once: a misspelt skill is a compile error, and `SKILL_UNKNOWN` at run time. */
  readonly skills?: readonly Skill[]
  /** Who may answer: written at each start, over what `engine.saveAgent` has changed of them since. It adds others, who stay. */
  readonly agents?: readonly Agent<NoInfer<Skill>>[]
  /** In the order in which they are asked. */
  readonly plugins?: readonly Plugin[]
  /** Who is asked, in which order, and for how long. */
  readonly routing?: Routing<NoInfer<Skill>>
  /** To whom live chat is open, and when; to everybody while somebody is online, unless said. */
  readonly admission?: Admission
  /** When somebody says nothing. */
  readonly silence?: Silence
  /** When somebody's connection is lost. */
  readonly presence?: PresenceRules
  /** How long after its end a conversation is taken up again when its customer comes back; 10 minutes unless said. */
  readonly reopenWithin?: Duration
  /** How long what is over is kept; for good unless said. */
  readonly retention?: Retention
  /** The wording of everything the bot says by itself. */
  readonly texts?: Texts
  /** How customers say yes, no and "a person, please", in their language. */
  readonly phrases?: Partial<Phrases>
  /** Where replies go besides the web: email, SMS, ... What is said to a customer who has gone goes by the first that can reach them. */
  readonly channels?: readonly Channel[]
  /** Part of every key in the store; '' unless said. */
  readonly tenant?: string
  /** Memory unless said. */
  readonly store?: Store
  /** How nodes on one store find each other's work, and how long it takes until one takes over from another that is gone. */
  readonly nodes?: Nodes
  /** pino's shape; silent unless said. */
  readonly log?: Log
}

export interface Retention {
  /**
   * Conversations that were closed so long ago are removed, with everything that was kept of them: '90d'. Looked for every hour. Longer than
   * `reopenWithin`; what an agent still holds, or a timer waits for, stays until that is over.
   */
  readonly closed?: Duration
}

export interface Nodes {
  /** How long a node that is not heard of keeps its work; 5 s unless said. Twice that, and somebody else does it. */
  readonly lease?: Duration
  /** How often a node looks for what others have written; 250 ms unless said. */
  readonly poll?: Duration
}

/** What a simulation replaces. */
export interface World {
  readonly clock: Clock
  /** For whatever is left to chance. */
  readonly seed: number
  createId(at: number): string
  /** Nobody else works on the store, whatever it says of itself. */
  readonly isAlone?: boolean
}

/** What kind of value each option is. */
const OPTIONS = {
  skills: 'list',
  agents: 'list',
  plugins: 'list',
  routing: 'object',
  admission: 'object',
  silence: 'object',
  presence: 'object',
  reopenWithin: 'duration',
  retention: 'object',
  texts: 'object',
  phrases: 'object',
  channels: 'list',
  tenant: 'text',
  store: 'object',
  nodes: 'object',
  log: 'object',
} as const satisfies Record<keyof EngineOptions, string>

const NODES: NamesOf<Nodes> = { lease: true, poll: true }
const RETENTION: NamesOf<Retention> = { closed: true }
const CHANNEL: NamesOf<Channel> = { name: true, pause: true, deliver: true }

/** How each kind is called where it is missing. */
const KINDS = { list: 'a list', text: 'a text', duration: 'a duration', object: 'an object' } as const

/**
 * Puts an engine together out of options and a world.
 * @throws MaitredError for anything that cannot work, with the `path` of the option
 */
export function assemble<Skill extends string>(options: EngineOptions<Skill>, world: World): Engine<Skill> {
  refuseUnknownOptions(options) // skills are names of any kind from here on
  const settings = settingsOf(options)
  const admission = resolveAdmission(options.admission)
  const declared = options.skills === undefined ? undefined : new Set<string>(options.skills)
  refuseAgents(options.agents ?? [], declared)
  refuseChannels(options.channels ?? [])
  const log = options.log === undefined ? SILENT : guardLog(options.log)
  const router = createRouter(options.routing, {
    seed: world.seed,
    onPolicyFault: (fault) => log.error({ ...fault }, 'the agent policy failed'),
  })
  return createCore({
    skills: options.skills,
    agents: options.agents ?? [],
    plugins: options.plugins ?? [],
    settings,
    texts: options.texts ?? {},
    phrases: { ...DEFAULT_PHRASES, ...options.phrases },
    channels: options.channels ?? [],
    tenant: options.tenant ?? '',
    store: options.store ?? memoryStore(),
    log,
    clock: world.clock,
    router,
    nodes: world.isAlone === true ? undefined : nodesOf(options.nodes),
    retention: retentionOf(options.retention, settings.reopenMs),
    admit: (visit, skills, at) =>
      admit(visit, new House(router, { skills, at, isTeamOpen: teamsOpenAt(admission, at) }), admission),
    hoursChangeAt: (at) => hoursChangeAt(admission, at),
    createId: (at) => world.createId(at),
  })
}

/** How things stand now. A class, because it is looked at in every turn that changes the queue: the forecast is made only when it is asked for. */
class House implements HouseState {
  readonly staffing: HouseState['staffing']
  readonly waitingCount: number
  readonly at: number
  readonly #router: Router
  readonly #skills: readonly string[]

  constructor(
    router: Router,
    about: {
      readonly skills: readonly string[]
      readonly at: number
      readonly isTeamOpen: ReturnType<typeof teamsOpenAt>
    },
  ) {
    this.staffing = router.staffing(about.skills, about.isTeamOpen)
    this.waitingCount = router.presentCount
    this.at = about.at
    this.#router = router
    this.#skills = about.skills
  }
  get wait(): HouseState['wait'] {
    return this.#router.forecast(this.#skills, this.at)
  }
}

/**
 * All waiting times of the chart, as configured.
 * @throws MaitredError `CONFIG_INVALID`
 */
export function settingsOf({ silence, presence, reopenWithin, routing }: EngineOptions): Settings {
  const { offerTimeoutMs, wrapUpMs, overflow, offerTo, askAgainMs, noticeMs, maxTransfers } = resolveRouting(routing)
  return resolveSettings({
    ...(silence === undefined ? {} : { silence }),
    ...(presence === undefined ? {} : { presence }),
    ...(reopenWithin === undefined ? {} : { reopenWithin }),
    offerMs: offerTimeoutMs,
    wrapUpMs,
    overflowMs: overflow.afterMs,
    overflowTo: overflow.to,
    ...{ offerTo, askAgainMs, noticeMs, maxTransfers },
  })
}

/** @throws MaitredError `CONFIG_INVALID` */
function nodesOf(nodes: Nodes = {}): NodeSettings {
  refuseUnknownNames(nodes, NODES, { path: 'nodes' })
  const { lease = '5s', poll = '250ms' } = nodes
  const [leaseMs, pollMs] = [toMs(lease, 'nodes.lease'), toMs(poll, 'nodes.poll')]
  if (leaseMs > pollMs && pollMs > 0) return { leaseMs, pollMs }
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected \`nodes.lease\` to be longer than \`nodes.poll\`, got ${leaseMs} and ${pollMs} ms.`,
    hint: 'Leave both out: a lease of 5 s and a look every 250 ms.',
    path: 'nodes',
  })
}

/** @throws MaitredError `CONFIG_INVALID` */
function retentionOf(retention: Retention = {}, reopenMs: number): RetentionSettings {
  refuseUnknownNames(retention, RETENTION, { path: 'retention' })
  const { closed } = retention
  if (closed === undefined) return { closedMs: undefined }
  const closedMs = toMs(closed, 'retention.closed')
  if (closedMs > reopenMs) return { closedMs }
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected \`retention.closed\` to be longer than \`reopenWithin\`, got ${closedMs} and ${reopenMs} ms.`,
    hint: 'A conversation that can still be taken up again has to be there: keep it longer, or shorten `reopenWithin`.',
    path: 'retention.closed',
  })
}

/** The world as it is. */
export const realWorld: World = { clock: systemClock, seed: 0, createId }

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** @throws MaitredError `CONFIG_INVALID` for an option that does not exist, or is of the wrong kind */
function refuseUnknownOptions(options: EngineOptions): void {
  if (!isOf('object', options)) throw wrongKind('options', KINDS.object, options)
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw unknownName('an option', name, { path: name, names: Object.keys(OPTIONS) })
    const kind = OPTIONS[name as keyof typeof OPTIONS]
    if (value !== undefined && !isOf(kind, value)) throw wrongKind(name, KINDS[kind], value)
  }
  if (options.store !== undefined) refuseMissingMethods('store', options.store, ['migrate', 'open'])
  if (options.log !== undefined) refuseMissingMethods('log', options.log, ['debug', 'info', 'warn', 'error'])
  for (const [index, agent] of (options.agents ?? []).entries()) {
    if (!isOf('object', agent)) throw wrongKind(`agents[${index}]`, KINDS.object, agent)
  }
  for (const [index, skill] of (options.skills ?? []).entries()) {
    if (typeof skill !== 'string') throw wrongKind(`skills[${index}]`, KINDS.text, skill)
  }
  for (const [key, text] of Object.entries(options.texts ?? {})) {
    if (!Object.hasOwn(DEFAULT_TEXTS, key))
      throw unknownName('a text', key, { path: `texts.${key}`, names: Object.keys(DEFAULT_TEXTS) })
    if (typeof text !== 'string' && typeof text !== 'function') throw wrongKind(`texts.${key}`, KINDS.text, text)
  }
  for (const [key, phrases] of Object.entries(options.phrases ?? {})) {
    if (!Object.hasOwn(DEFAULT_PHRASES, key))
      throw unknownName('a list of phrases', key, { path: `phrases.${key}`, names: Object.keys(DEFAULT_PHRASES) })
    if (!Array.isArray(phrases) || phrases.some((phrase) => typeof phrase !== 'string'))
      throw wrongKind(`phrases.${key}`, KINDS.list, phrases)
  }
}

const METHOD_HINTS = {
  store: "Make one with `memoryStore()`, `sqliteStore(...)` or `postgresStore(...)` of 'maitred/stores'.",
  log: 'Hand in pino, the console, or whatever has `debug`, `info`, `warn` and `error`.',
} as const

/** What would otherwise fail in the middle of a conversation. */
function refuseMissingMethods<Shape extends object>(
  option: keyof typeof METHOD_HINTS,
  value: Shape,
  methods: readonly (keyof Shape & string)[],
): void {
  for (const method of methods) {
    const given: unknown = value[method]
    if (typeof given !== 'function')
      throw wrongForm({ path: `${option}.${method}`, expected: 'a function', value: given, hint: METHOD_HINTS[option] })
  }
}

type OptionKind = (typeof OPTIONS)[keyof typeof OPTIONS]

function isOf(kind: OptionKind, value: unknown): boolean {
  if (kind === 'list') return Array.isArray(value)
  if (kind === 'text') return typeof value === 'string'
  if (kind === 'duration') return typeof value === 'string' || typeof value === 'number' // read where it is used
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What comes from JavaScript is looked at, too. */
function refuseChannels(channels: readonly Channel[]): void {
  for (const [index, channel] of channels.entries()) {
    const path = `channels[${index}]`
    if (!isOf('object', channel)) throw wrongKind(path, KINDS.object, channel)
    if (isPlain(channel)) refuseUnknownNames(channel, CHANNEL, { path })
    if (!isOf('text', channel.name)) throw wrongKind(`${path}.name`, KINDS.text, channel.name)
    if (channel.pause !== undefined) toMs(channel.pause, `${path}.pause`)
    const isTwice = channels.some(({ name }, other) => other < index && name === channel.name)
    if (typeof channel.deliver === 'function' && !isTwice) continue
    throw new MaitredError('CONFIG_INVALID', {
      message: isTwice
        ? `Two channels are called \`${channel.name}\`; the second stands at \`${path}\`.`
        : `Expected a function at \`${path}.deliver\`, got \`${typeof channel.deliver}\`.`,
      hint: "Write { name: 'email', deliver: async (message, { customer, key }) => 'sent' }, each with a name of its own.",
      path,
    })
  }
}

/** A channel may be of a class, with fields of its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
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
