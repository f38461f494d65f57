import { advise } from './advice.ts'
import { only, submit } from './conversation-handle.ts'
import type { Core } from './core.ts'
import type { AgentDesk, CommandOptions } from './engine-api.ts'
import { followConversation, followDesk } from './follow.ts'
import type { Receipt } from '../receipts.ts'
import type { Command } from '../schema.ts'
import type { Roster } from './roster.ts'

/** What one agent can do: verbs, each a command through the one door. */
export function createDesk(core: Core, id: string, roster: Pick<Roster, 'setPresence' | 'busy'>): AgentDesk {
  const send = (
    command: { readonly type: Command['type']; readonly conversationId: string } & Record<string, unknown>,
    options: CommandOptions | undefined,
  ): Promise<Receipt> => submit(core, { ...command, agentId: id, key: options?.key })
  return {
    id,
    setPresence: (presence, options) => roster.setPresence(id, presence, options?.lease),
    busy: (units, options) => roster.busy(id, units, options),
    accept: (conversationId, options) => send({ type: 'offer.accepted', conversationId }, options),
    decline: (conversationId, options) =>
      send({ type: 'offer.declined', conversationId, ...only(options, 'reason') }, options),
    say: (conversationId, text, options) =>
      send({ type: 'message.sent', conversationId, text, ...only(options, 'attachments', 'metadata') }, options),
    note: (conversationId, text, options) => send({ type: 'note.added', conversationId, text }, options),
    hold: (conversationId, options) =>
      send({ type: 'conversation.held', conversationId, ...only(options, 'backIn') }, options),
    transfer: (conversationId, to, options) =>
      send({ type: 'conversation.transferred', conversationId, to, ...only(options, 'note', 'warm') }, options),
    typing: (conversationId) =>
      core.signals.send(conversationId, { type: 'typing', conversationId, author: 'agent', agentId: id }),
    read: (conversationId, seq) => core.readMarks.note(conversationId, { agentId: id }, seq),
    advise: (conversationId, draft) => advise(core, { agentId: id, conversationId, draft }),
    watch: (conversationId, options) => followConversation(core, conversationId, { ...options, asColleague: true }),
    whisper: (conversationId, text, options) => send({ type: 'whisper.sent', conversationId, text }, options),
    join: (conversationId, options) =>
      send({ type: 'agent.joined', conversationId, ...only(options, 'takeOver', 'force') }, options),
    leave: (conversationId, options) => send({ type: 'agent.parted', conversationId }, options),
    warn: (conversationId, options) => send({ type: 'customer.warned', conversationId }, options),
    close: (conversationId, options) =>
      send({ type: 'conversation.finished', conversationId, ...only(options, 'directions', 'disposition') }, options),
    follow: (options) => followDesk(core, id, options),
  }
}
