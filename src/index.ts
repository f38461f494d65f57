import { assemble, type EngineOptions, realWorld } from './assemble.ts'
import type { Engine } from './core/engine/engine-api.ts'

/**
 * Makes an engine. Subscribe with `engine.on`, then `await engine.start()`.
 * @throws MaitredError for anything in the options that cannot work, with the `path` of it
 * @example
 * const engine = createEngine({ agents: [{ id: 'ana', name: 'Ana' }] })
 * await engine.start()
 * const kim = await engine.openConversation({ customer: { id: 'kim' } })
 * await kim.say('hello')
 */
export function createEngine<const Skill extends string>(options: EngineOptions<Skill> = {}): Engine<Skill> {
  return assemble(options, realWorld)
}

/** Types a configuration without opening anything: the default export of `maitred.config.ts`. */
export function defineConfig<const Skill extends string>(options: EngineOptions<Skill>): EngineOptions<Skill> {
  return options
}

export type { EngineOptions, Nodes, Retention } from './assemble.ts'
// running it
export type {
  Advice,
  AgentDesk,
  AgentView,
  BusyReceipt,
  CommandOptions,
  Conversation,
  DeskUpdate,
  Engine,
  Parties,
  OutsideOptions,
  Update,
} from './core/engine/engine-api.ts'
export type { AnyObservation, Observation, ObservationName, Observations } from './core/observations.ts'
export type { Receipt } from './core/receipts.ts'
export { exportTranscript, type TranscriptFormat } from './core/transcript.ts'
export { ERRORS, type ErrorCode, isMaitredError, MaitredError, REFUSALS, type Refusal } from './core/errors.ts'
// writing plugins
export { definePlugin } from './core/hooks/define-plugin.ts'
export type {
  AfterContext,
  BeforeContext,
  HookContext,
  Plugin,
  PluginFactory,
  Seen,
} from './core/hooks/hook-context.ts'
export type { Answer, Hook, Hooks, PluginDefinition, PluginHost, Waterfalls } from './core/hooks/plugin.ts'
export type { AnyStep, Step } from './core/hooks/step-definition.ts'
export type { RedirectTarget, TransferTarget, TransitionName, Transitions } from './core/transitions.ts'
// words
export type { Phrases } from './core/phrases.ts'
export type { PresenceRules, Silence } from './core/settings.ts'
export type { Text, TextAbout, TextKey, Texts } from './core/texts.ts'
export type { Admission } from './routing/admission.ts'
export type { Hours } from './routing/hours.ts'
export type { AgentPolicy, Routing } from './routing/routing.ts'
export type {
  Agent,
  Article,
  Attachment,
  Author,
  Availability,
  Awaitable,
  Candidate,
  Choice,
  ConversationView,
  Customer,
  Duration,
  Forecast,
  Json,
  Message,
  Outcome,
  Phase,
  Presence,
  QueuePlace,
  Requirements,
  Slot,
  Suggestion,
  Visit,
} from './core/types.ts'
// ports
export type { Channel, Clock, Explanation, KnowledgeSource, Log, Store, TenantStore } from './core/ports.ts'
