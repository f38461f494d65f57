import { type Deciding, type Decision, isDeciding } from './decision.ts'
import type { EngineEvent } from './engine-events.ts'
import { MaitredError } from '../errors.ts'
import type { Fact, MessageKind } from '../events.ts'
import type { RunnableStep } from '../hooks/step-table.ts'
import { inWords } from '../phrases.ts'
import { acceptReply, currentStep, readReply } from './step-run.ts'
import type { Entry, Turn } from './turn.ts'
import type { Choice, Message } from '../types.ts'
import { hasHandlers, passMessage } from './waterfall.ts'

type MessageEvent = Extract<EngineEvent, { readonly type: 'message.received' | 'choice.made' }>

/** What the customer wrote or chose: into the transcript first, then its meaning. */
export function decideMessage(turn: Turn, event: MessageEvent): Decision | Deciding {
  const pressed = event.type === 'choice.made' ? findChoice(turn, event.choiceId) : undefined
  const entry = toEntry(event, pressed)
  if (hasHandlers(turn, 'message:in')) return decidePassed(turn, entry, pressed)
  return understand(turn, turn.add(entry), pressed)
}

function* decidePassed(turn: Turn, entry: Entry, pressed: Choice | undefined): Deciding {
  const passed = yield* passMessage(turn, 'message:in', turn.draft(entry))
  if (passed === undefined) return { fact: { type: 'plugin.acted', at: turn.now } } // that it was dropped is noted
  const { id: _id, seq: _seq, at: _at, ...rest } = passed
  const decided = understand(turn, turn.add(rest), pressed)
  return isDeciding(decided) ? yield* decided : decided
}

function understand(turn: Turn, message: Message, pressed: Choice | undefined): Decision | Deciding {
  // What is said to a person is not for the bot to read.
  if (turn.state.path.startsWith('live.')) return { fact: received(turn, message.id, 'question') }
  const chosen = pressed ?? findNamed(turn, message.text)
  const step = currentStep(turn)
  if (step !== undefined && chosen !== undefined && step.choiceIds.includes(chosen.id))
    return reply(turn, step, chosen.id)
  const kind = chosen === undefined ? turn.services.understanding.kindOf(message.text) : kindOfChoice(chosen)
  if (step === undefined) return { fact: received(turn, message.id, kindHere(turn, message.text, kind)) }
  if (kind === 'skip' || (kind === 'person' && turn.state.path === 'waiting.step')) return { fact: skipped(turn) }
  if (kind === 'person') return { fact: received(turn, message.id, kind) }
  return reply(turn, step, chosen?.id ?? message.text)
}

function toEntry(event: MessageEvent, chosen: Choice | undefined): Entry {
  if (event.type === 'choice.made') return { author: 'customer', text: chosen?.label ?? event.choiceId }
  const { text, attachments, metadata } = event
  return {
    author: 'customer',
    text,
    ...(attachments === undefined || attachments.length === 0 ? {} : { attachments }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

function choicesOffered(turn: Turn): readonly Choice[] {
  return turn.findLast(hasChoices)?.choices ?? []
}

function hasChoices({ choices }: Message): boolean {
  return choices !== undefined
}

/** Whoever has no buttons writes what is on them. */
function findNamed(turn: Turn, text: string): Choice | undefined {
  const offered = choicesOffered(turn)
  if (offered.length === 0) return undefined
  const words = inWords(text)
  const says = (other: string): boolean => text === other || (words !== '' && words === inWords(other))
  return offered.find(({ id, label }) => says(label) || says(id))
}

/** The choice of that id under the newest message that has choices. */
function findChoice(turn: Turn, choiceId: string): Choice {
  const offered = choicesOffered(turn)
  const choice = offered.find(({ id }) => id === choiceId)
  if (choice !== undefined) return choice
  throw new MaitredError('NOT_FOUND', {
    message: `There is no choice \`${choiceId}\` in the conversation \`${turn.id}\` now.`,
    hint:
      offered.length === 0
        ? 'No choices have been offered.'
        : `Offered are: ${offered.map(({ id }) => id).join(', ')}.`,
    path: 'choiceId',
  })
}

const CHOICES: Readonly<Record<string, MessageKind>> = {
  yes: 'yes',
  no: 'no',
  person: 'person',
  message: 'leaveMessage',
  keep: 'keepPlace',
  leave: 'leave',
}

function kindOfChoice({ id }: Choice): MessageKind {
  return CHOICES[id] ?? 'question'
}

/** What a message means where the conversation stands: "no" under an article is an answer, "no" out of the blue is not. */
function kindHere(turn: Turn, text: string, kind: MessageKind | 'skip'): MessageKind {
  if (kind === 'person') return kind
  if (kind === 'leaveMessage') return turn.state.path.startsWith('helping.') ? 'question' : kind
  if (kind === 'keepPlace' || kind === 'leave') return turn.state.path.startsWith('waiting.') ? kind : 'smallTalk'
  if (turn.state.path === 'helping.suggesting')
    return turn.services.understanding.yesOrNo(text) ?? (kind === 'skip' ? 'no' : kind)
  return kind === 'question' ? 'question' : 'smallTalk'
}

function received(turn: Turn, messageId: string, kind: MessageKind): Fact {
  return { type: 'message.received', at: turn.now, messageId, kind, effectId: turn.effectId('search') }
}

/** A reply to the step being asked: it fits, or it is asked again, or given up. */
function* reply(turn: Turn, step: RunnableStep, text: string): Deciding {
  const at = turn.now
  const index = turn.state.context.step?.index ?? 0
  const read = yield* readReply(turn, step, text)
  if (read !== undefined) return { fact: { type: 'step.answered', at, index, ...acceptReply(turn, step, read.reply) } }
  const attempts = (turn.state.context.step?.attempts ?? 0) + 1
  return { fact: attempts >= step.attempts ? skipped(turn) : { type: 'step.rejected', at, index } }
}

function skipped(turn: Turn): Fact {
  return { type: 'step.skipped', at: turn.now, index: turn.state.context.step?.index ?? 0 }
}
