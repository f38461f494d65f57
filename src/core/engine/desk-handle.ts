import { advise } from './advice.ts'
import { submit } from './conversation-handle.ts'
import type { Core } from './core.ts'
import type { AgentDesk, CommandOptions } from './engine-api.ts'
import { followDesk } from './follow.ts'
import type { Receipt } from '../receipts.ts'
import type { Command } from '../schema.ts'
import type { Duration, Presence } from '../types.ts'

/** What one agent can do: verbs, each a command through the one door. */
export function createDesk(
  core: Core,
  id: string,
  setPresence: (presence: Presence, lease: Duration | undefined) => Promise<void>,
): AgentDesk {
  const send = (
    command: { readonly type: Command['type']; readonly conversationId: string } & Record<string, unknown>,
    options: CommandOptions | undefined,
  ): Promise<Receipt> => submit(core, { ...command, agentId: id, key: options?.key })
  return {
    id,
    setPresence: (presence, options) => setPresence(presence, options?.lease),
    accept: (conversationId, options) => send({ type: 'offer.accepted', conversationId }, options),
    decline: (conversationId, options) =>
      send({ type: 'offer.declined', conversationId, ...only(options, 'reason') }, options),
    say: (conversationId, text, options) => send({ type: 'message.sent', conversationId, text }, options),
    note: (conversationId, text, options) => send({ type: 'note.added', conversationId, text }, options),
    hold: (conversationId, options) =>
      send({ type: 'conversation.held', conversationId, ...only(options, 'backIn') }, options),
    transfer: (conversationId, to, options) =>
      send({ type: 'conversation.transferred', conversationId, to, ...only(options, 'note', 'warm') }, options),
    typing: (conversationId) =>
      core.signals.send(conversationId, { type: 'typing', conversationId, author: 'agent', agentId: id }),
    advise: (conversationId, draft) => advise(core, { agentId: id, conversationId, draft }),
    warn: (conversationId, options) => send({ type: 'customer.warned', conversationId }, options),
    close: (conversationId, options) =>
      send({ type: 'conversation.finished', conversationId, ...only(options, 'directions', 'disposition') }, options),
    follow: (options) => followDesk(core, id, options),
  }
}

/** Those of the options that were given. */
function only<Options extends object, Name extends keyof Options>(
  options: Options | undefined,
  ...names: readonly Name[]
): Partial<Options> {
  const given: Partial<Options> = {}
  for (const name of names) if (options?.[name] !== undefined) given[name] = options[name]
  return given
}
