import type { Fact } from '../events.ts'
import { ownerAgentId } from '../machine/holds.ts'
import type { Microstep } from '../machine/step.ts'
import { visitOf } from './questions.ts'
import { currentStep, seenBy, wordsOf } from './step-run.ts'
import type { TextAbout, TextKey } from '../texts.ts'
import type { Entry, Turn } from './turn.ts'
import type { Context } from '../snapshot.ts'
import type { Choice } from '../types.ts'

/** What the bot says by itself when an edge is taken. Words are made here and nowhere else. */
export function utterances(turn: Turn, step: Microstep, fact: Fact): readonly Entry[] {
  const { transition, after } = step
  if (transition === undefined) return ofFact(turn, step, fact)
  switch (transition) {
    case 'greet':
      return [notice(turn, 'greeting')]
    case 'ask':
      return asking(turn)
    case 'suggest':
      return suggesting(turn)
    case 'miss':
      return [{ author: voice(turn), text: words(turn, 'noAnswer'), choices: [choice(turn, 'person', 'person')] }]
    case 'enqueue':
      return [notice(turn, 'connecting')]
    case 'accept':
      return after.context.owner === step.before.context.owner
        ? NOTHING // they never left
        : [notice(turn, 'agentJoined', { agent: nameOf(turn, ownerAgentId(after.context)) })]
    case 'join':
      return [notice(turn, 'agentJoined', { agent: nameOf(turn, 'agentId' in fact ? fact.agentId : undefined) })]
    case 'transfer':
      if (fact.type === 'conversation.taken') return takenOver(turn, step, fact.agentId)
      return [notice(turn, after.path.startsWith('helping') ? 'backToBot' : 'transferring')]
    case 'hold':
      return [notice(turn, 'onHold', awayFor(turn, after.context))]
    case 'goAsync':
      return goingAsync(turn, step, fact)
    case 'warn':
      return [notice(turn, turn.state.context.warningCount > 1 ? 'lastWarning' : 'warning')]
    case 'block':
      return [notice(turn, 'blocked')]
    case 'close':
      if (after.context.reason === 'nobodyAvailable') return [notice(turn, 'nobodyAvailable')]
      return after.context.reason === 'silence' ? [notice(turn, 'closedForSilence')] : NOTHING
    case 'reopen':
      return [notice(turn, 'welcomeBack')]
    default:
      return NOTHING
  }
}

const NOTHING: readonly Entry[] = []

/** Whoever has been in the talk as a guest has been announced. */
function takenOver(turn: Turn, { before }: Microstep, agentId: string): readonly Entry[] {
  if (before.context.guests.includes(agentId)) return NOTHING
  return [notice(turn, 'agentJoined', { agent: nameOf(turn, agentId) })]
}

/** A customer who is not there is not asked for a message: it has been left already. */
function goingAsync(turn: Turn, { before, after }: Microstep, fact: Fact): readonly Entry[] {
  if (fact.type === 'customer.gone') return [notice(turn, 'answeredLater', opening(turn, after.context))]
  if (fact.type === 'agent.vanished' && before.context.reach === 'away') return NOTHING
  const isCallback = fact.type === 'queue.overflowed' && fact.to === 'callback'
  return [notice(turn, isCallback ? 'callBack' : 'leaveMessage', opening(turn, after.context))]
}

/** When somebody will be there, where that is known. */
function opening(turn: Turn, { requirements }: Context): Partial<TextAbout> {
  const opensAt = turn.services.opensAt(visitOf(turn), requirements?.skills ?? [], turn.now)
  return opensAt === undefined ? {} : { opensAt }
}

function ofFact(turn: Turn, { after }: Microstep, fact: Fact): readonly Entry[] {
  switch (fact.type) {
    case 'customer.fellSilent':
      return fact.stage === 'reminded' ? [notice(turn, 'stillThere')] : NOTHING
    case 'agent.fellSilent':
      return after.context.reach === 'away'
        ? NOTHING
        : [notice(turn, 'agentBusy', { agent: nameOf(turn, ownerAgentId(after.context)) })]
    case 'wait.noticed':
      return once(turn, {
        ...notice(turn, 'inQueue', standing(turn)),
        choices: [
          choice(turn, 'message', 'leaveMessageChoice'),
          choice(turn, 'keep', 'keepPlaceChoice'),
          choice(turn, 'leave', 'leaveChoice'),
        ],
      })
    case 'step.rejected':
      return askingAgain(turn)
    case 'message.received':
      if (fact.kind === 'keepPlace') return once(turn, notice(turn, 'placeKept'))
      return after.path === 'helping.listening' && fact.kind === 'smallTalk'
        ? once(turn, notice(turn, 'howCanIHelp'))
        : NOTHING
    default:
      return NOTHING
  }
}

/** Where whoever waits stands, as the router last knew. */
function standing({ event, services, id, now }: Turn): Partial<TextAbout> {
  if (event.type === 'wait.noticed') return event.position === undefined ? {} : { position: event.position }
  const position = services.place(id, now)?.position
  if (position === undefined) return {}
  return { position: typeof position === 'number' ? position : position[1] }
}

function asking(turn: Turn): readonly Entry[] {
  const step = currentStep(turn)
  if (step === undefined || turn.skippedStepIds.includes(step.id)) return NOTHING
  const asked = wordsOf(turn, step)
  if (asked === undefined) turn.muteStepId = step.id
  return asked === undefined ? NOTHING : [{ author: voice(turn), ...asked }]
}

function askingAgain(turn: Turn): readonly Entry[] {
  const step = currentStep(turn)
  if (step === undefined) return NOTHING
  const asked = wordsOf(turn, step)
  return asked === undefined
    ? NOTHING
    : [{ author: voice(turn), ...asked, text: step.again(seenBy(turn, step)) ?? asked.text }]
}

function suggesting(turn: Turn): readonly Entry[] {
  const [best] = turn.suggestions
  if (best === undefined) return NOTHING
  const { title, text, url } = best.article
  return [
    {
      author: voice(turn),
      text: [title, text, ...(url === undefined ? [] : [url])].join('\n'),
      suggestions: turn.suggestions,
    },
    {
      author: voice(turn),
      text: words(turn, 'didThisHelp'),
      choices: [choice(turn, 'yes', 'yes'), choice(turn, 'no', 'no'), choice(turn, 'person', 'person')],
    },
  ]
}

/** Not if it was the last thing said. */
function once(turn: Turn, entry: Entry): readonly Entry[] {
  const last = turn.findLast(({ author }) => author === entry.author)
  return last?.text === entry.text ? NOTHING : [entry]
}

function awayFor(turn: Turn, context: Context): Partial<TextAbout> {
  const agent = nameOf(turn, ownerAgentId(context))
  if (context.backAt === null) return { agent }
  return { agent, minutes: Math.max(1, Math.round((context.backAt - turn.now) / 60_000)) }
}

function notice(turn: Turn, key: TextKey, about?: Partial<TextAbout>): Entry {
  return { author: voice(turn), text: words(turn, key, about) }
}

function choice(turn: Turn, id: string, key: TextKey): Choice {
  return { id, label: words(turn, key) }
}

function words({ services, customer }: Turn, key: TextKey, about?: Partial<TextAbout>): string {
  return services.say(key, about === undefined ? { customer } : { customer, ...about })
}

/** The bot never speaks over a person: while an agent owns the conversation, what we say is a notice of the system. */
function voice(turn: Turn): 'bot' | 'system' {
  return ownerAgentId(turn.state.context) === undefined ? 'bot' : 'system'
}

function nameOf(turn: Turn, agentId: string | undefined): string {
  return (agentId === undefined ? undefined : turn.services.agent(agentId)?.name) ?? agentId ?? ''
}
