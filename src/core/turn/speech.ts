import type { Fact } from '../events.ts'
import { ownerAgentId } from '../machine/changes.ts'
import type { Microstep } from '../machine/step.ts'
import { currentStep, seenBy, wordsOf } from './step-run.ts'
import type { TextAbout, TextKey } from '../texts.ts'
import type { Entry, Turn } from './turn.ts'
import type { Choice } from '../types.ts'

/** What the bot says by itself when an edge is taken. Words are made here and nowhere else. */
export function utterances(turn: Turn, step: Microstep, fact: Fact): readonly Entry[] {
  const { transition, after } = step
  if (transition === undefined) return ofFact(turn, step, fact)
  const speak = (key: TextKey, about: Partial<TextAbout> = {}) => [notice(turn, key, about)]
  switch (transition) {
    case 'greet':
      return speak('greeting')
    case 'ask':
      return asking(turn)
    case 'suggest':
      return suggesting(turn)
    case 'miss':
      return [{ ...notice(turn, 'noAnswer'), choices: [choice(turn, 'person', 'person')] }]
    case 'enqueue':
      return speak('connecting')
    case 'accept':
      return speak('agentJoined', { agent: nameOf(turn, ownerAgentId(after.context)) })
    case 'transfer':
      return speak(after.path.startsWith('helping') ? 'backToBot' : 'transferring')
    case 'hold':
      return speak('onHold', {
        agent: nameOf(turn, ownerAgentId(after.context)),
        ...(after.context.backAt === null
          ? {}
          : { minutes: Math.max(1, Math.round((after.context.backAt - turn.now) / 60_000)) }),
      })
    case 'goAsync':
      return speak('leaveMessage')
    case 'warn':
      return speak(turn.state.context.warningCount > 1 ? 'lastWarning' : 'warning')
    case 'block':
      return speak('blocked')
    case 'close':
      if (after.context.reason === 'nobodyAvailable') return speak('nobodyAvailable')
      return after.context.reason === 'silence' ? speak('closedForSilence') : NOTHING
    case 'reopen':
      return speak('welcomeBack')
    default:
      return NOTHING
  }
}

const NOTHING: readonly Entry[] = []

function ofFact(turn: Turn, { after }: Microstep, fact: Fact): readonly Entry[] {
  switch (fact.type) {
    case 'customer.fellSilent':
      return [notice(turn, 'stillThere')]
    case 'wait.noticed':
      return once(turn, {
        ...notice(
          turn,
          'inQueue',
          turn.event.type === 'wait.noticed' && turn.event.position !== undefined
            ? { position: turn.event.position }
            : {},
        ),
        choices: [choice(turn, 'message', 'leaveMessageChoice')],
      })
    case 'step.rejected':
      return askingAgain(turn)
    case 'message.received':
      return after.path === 'helping.listening' && fact.kind === 'smallTalk'
        ? once(turn, notice(turn, 'howCanIHelp'))
        : NOTHING
    default:
      return NOTHING
  }
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
      ...notice(turn, 'didThisHelp'),
      choices: [choice(turn, 'yes', 'yes'), choice(turn, 'no', 'no'), choice(turn, 'person', 'person')],
    },
  ]
}

/** Not if it was the last thing said. */
function once(turn: Turn, entry: Entry): readonly Entry[] {
  const last = turn.transcript().findLast((message) => message.author === entry.author)
  return last?.text === entry.text ? NOTHING : [entry]
}

function notice(turn: Turn, key: TextKey, about: Partial<TextAbout> = {}): Entry {
  return { author: voice(turn), text: turn.services.say(key, { customer: turn.customer, ...about }) }
}

function choice(turn: Turn, id: string, key: TextKey): Choice {
  return { id, label: turn.services.say(key, { customer: turn.customer }) }
}

/** The bot never speaks over a person: while an agent owns the conversation, what we say is a notice of the system. */
function voice(turn: Turn): 'bot' | 'system' {
  return ownerAgentId(turn.state.context) === undefined ? 'bot' : 'system'
}

function nameOf(turn: Turn, agentId: string | undefined): string {
  return (agentId === undefined ? undefined : turn.services.agent(agentId)?.name) ?? agentId ?? ''
}
