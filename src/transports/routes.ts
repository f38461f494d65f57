import type { Command } from '../core/schema.ts'

/** Who may take a route. What an agent may, a supervisor may. */
export type Side = 'anybody' | 'customer' | 'agent' | 'supervisor'

export interface Route {
  /** Unique; the OpenAPI description calls it `operationId`. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** Below the base path; `{id}` is a conversation's. */
  readonly path: string
  readonly side: Side
  /** What it does. The documentation and the OpenAPI description are made from this. */
  readonly does: string
  /** A command through the one door: its fields are the body, and it needs an idempotency key. */
  readonly command?: Command['type']
  /** What is answered. */
  readonly answer: string
}

/** Every address of the handler. */
export const ROUTES: readonly Route[] = [
  // the customer
  read('availability', '/availability', {
    side: 'customer',
    does: 'Is live chat open, and how long is the wait? `?page=` and `?moment=` say where the customer is.',
    answer: '`Availability`',
  }),
  write('open', '/conversations', {
    side: 'customer',
    does: 'Opens a conversation, or finds the one that is open.',
    command: 'conversation.opened',
    answer: '`ConversationView`',
  }),
  read('list', '/conversations', {
    side: 'customer',
    does: 'The customer’s own conversations, newest first. `?limit=` (at most 50), `?after=` the last id of the page before.',
    answer: '`{ conversations }`',
  }),
  read('view', '/conversations/{id}', {
    side: 'customer',
    does: 'The conversation as the customer may see it.',
    answer: '`ConversationView`',
  }),
  read('follow', '/conversations/{id}/events', {
    side: 'customer',
    does: 'Messages, and whatever else changes.',
    answer: 'event stream of `Update`',
  }),
  saying('say', 'message.received', 'The customer writes.'),
  saying('choose', 'choice.made', 'The customer takes one of the choices under a message.'),
  saying('requestAgent', 'agent.requested', 'The customer wants a person.'),
  saying('leave', 'customer.left', 'The customer goes.'),
  saying('rate', 'rating.given', 'The customer rates the conversation.'),
  saying('moveTo', 'page.visited', 'The customer is on another page.'),
  write('identify', '/conversations/{id}/identify', {
    side: 'customer',
    does: 'A visitor turns out to be a known customer. `token` proves it: `auth` is asked about it, as a bearer token.',
    answer: 'receipt',
  }),
  write('present', '/conversations/{id}/present', {
    side: 'customer',
    does: 'The customer is here for as long as the `lease`; with 0, gone. An open stream says so by itself.',
    answer: 'nothing',
  }),
  write('typing', '/conversations/{id}/typing', {
    side: 'customer',
    does: 'The customer is typing. Never stored.',
    answer: 'nothing',
  }),
  write('read', '/conversations/{id}/read', {
    side: 'customer',
    does: 'The customer has read up to this message. Never stored.',
    answer: 'nothing',
  }),
  // the agent
  read('desk', '/desk', {
    side: 'agent',
    does: 'The agent, and everybody a conversation can be transferred to.',
    answer: '`{ agent, agents }`, each an `AgentView`',
  }),
  read('followDesk', '/desk/events', {
    side: 'agent',
    does: 'Offers, and all that happens in the conversations held.',
    answer: 'event stream of `DeskUpdate`',
  }),
  write('presence', '/desk/presence', {
    side: 'agent',
    does: 'Online, away, draining or offline. With a `lease`, back to offline unless repeated in time; a `lease` alone renews.',
    answer: 'nothing',
  }),
  write('busy', '/desk/busy', {
    side: 'agent',
    does: 'Work that is no conversation (a call, a letter) takes so many units from now on; 0: it is over.',
    answer: 'receipt',
  }),
  read('deskView', '/desk/conversations/{id}', {
    side: 'agent',
    does: 'A conversation that is, or was, this agent’s; for a supervisor, any.',
    answer: '`ConversationView`',
  }),
  read('deskHistory', '/desk/conversations/{id}/history', {
    side: 'agent',
    does: 'The other conversations of the same customer, newest first.',
    answer: '`{ conversations }`',
  }),
  read('deskExplain', '/desk/conversations/{id}/explain', {
    side: 'agent',
    does: 'Why this agent, why not the others, and what plugins changed.',
    answer: '`Explanation`',
  }),
  acting('accept', 'offer.accepted', 'The agent takes an offer.'),
  acting('decline', 'offer.declined', 'The agent passes an offer on.'),
  acting('say', 'message.sent', 'The agent writes to the customer.'),
  acting('note', 'note.added', 'The agent writes for colleagues only.'),
  acting('hold', 'conversation.held', 'The agent steps away for a moment.'),
  acting('transfer', 'conversation.transferred', 'The agent gives the conversation away.'),
  acting('warn', 'customer.warned', 'One step up the boundary ladder.'),
  acting('close', 'conversation.finished', 'The agent is done, and the closing steps begin.'),
  write('deskTyping', '/desk/conversations/{id}/typing', {
    side: 'agent',
    does: 'The agent is typing. Never stored.',
    answer: 'nothing',
  }),
  write('deskRead', '/desk/conversations/{id}/read', {
    side: 'agent',
    does: 'The agent has read up to this message. Never stored.',
    answer: 'nothing',
  }),
  write('deskAdvise', '/desk/conversations/{id}/advise', {
    side: 'agent',
    does: 'What plugins have to say about a `draft` before it is sent.',
    answer: '`Advice`',
  }),
  // the supervisor
  read('floor', '/floor', {
    side: 'supervisor',
    does: 'The house at a glance: agents, who waits, what is open.',
    answer: '`Floor`',
  }),
  read('followFloor', '/floor/events', {
    side: 'supervisor',
    does: 'The same whenever it changes, and why each offer was made.',
    answer: 'event stream of `FloorUpdate`',
  }),
  read('watch', '/floor/conversations/{id}/events', {
    side: 'supervisor',
    does: 'Everything that is said in a conversation, notes and whispers too.',
    answer: 'event stream of `Update`',
  }),
  overseeing('whisper', 'whisper.sent', 'A word to the agent of a live talk that the customer does not see.'),
  overseeing(
    'join',
    'agent.joined',
    'Takes part beside the agent; with `takeOver` the conversation is theirs. `force`: over capacity, too.',
  ),
  overseeing('leave', 'agent.parted', 'Takes part no more.'),
  write('assign', '/floor/conversations/{id}/assign', {
    side: 'supervisor',
    does: 'Gives a waiting conversation to an agent. `force`: over capacity, too, and recorded as such.',
    command: 'conversation.assigned',
    answer: 'receipt',
  }),
  // anybody
  read('openApi', '/openapi.json', {
    side: 'anybody',
    does: 'All of this, as an OpenAPI 3.1 description.',
    answer: 'JSON',
  }),
]

/** Fields of a command that come from elsewhere than the body: from the address, the header, and from who asks. */
export const NOT_IN_BODY: readonly string[] = ['type', 'conversationId', 'agentId', 'by', 'key', 'customer', 'channel']

type About = Pick<Route, 'side' | 'does' | 'answer' | 'command'>

function read(name: string, path: string, about: About): Route {
  return { name, method: 'GET', path, ...about }
}

function write(name: string, path: string, about: About): Route {
  return { name, method: 'POST', path, ...about }
}

/** What the customer does in a conversation. */
function saying(name: string, command: Command['type'], does: string): Route {
  return write(name, `/conversations/{id}/${name}`, { side: 'customer', command, does, answer: 'receipt' })
}

/** What the agent does in one. */
function acting(name: string, command: Command['type'], does: string): Route {
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  return write(`desk${title}`, `/desk/conversations/{id}/${name}`, { side: 'agent', command, does, answer: 'receipt' })
}

/** What a supervisor does in one. */
function overseeing(name: string, command: Command['type'], does: string): Route {
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  return write(`floor${title}`, `/floor/conversations/{id}/${name}`, {
    side: 'supervisor',
    command,
    does,
    answer: 'receipt',
  })
}
