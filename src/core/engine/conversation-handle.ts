import type { Core } from './core.ts'
import { openKey } from '../turn/diff.ts'
import type { CommandOptions, Conversation } from './engine-api.ts'
import type { OpeningEvent, OpeningKey } from '../turn/engine-events.ts'
import { repeat } from '../turn/keep.ts'
import { hashOf } from '../turn/run-turn.ts'
import { followConversation } from './follow.ts'
import { viewById } from './queries.ts'
import type { ConversationRow } from '../ports.ts'
import type { Receipt } from '../receipts.ts'
import { type Command, parseCommand } from '../schema.ts'
import { phaseOf } from '../turn/view.ts'
import { isPromise } from '../hooks/hook-run.ts'

/** The customer's side of one conversation: verbs, each a command through the one door. */
export function createConversation(core: Core, id: string): Conversation {
  const send = (
    command: { readonly type: Command['type'] } & Record<string, unknown>,
    options?: CommandOptions,
  ): Promise<Receipt> => submit(core, { ...command, conversationId: id, key: options?.key })
  return {
    id,
    view: () => viewById(core, id),
    say: (text, options) =>
      options?.attachments === undefined && options?.metadata === undefined
        ? // Written out, because it comes all day: a command put together from parts has another shape each time.
          submit(core, { type: 'message.received', conversationId: id, key: options?.key, text })
        : send({ type: 'message.received', text, ...only(options, 'attachments', 'metadata') }, options),
    choose: (choiceId, options) => send({ type: 'choice.made', choiceId }, options),
    requestAgent: (options) =>
      send({ type: 'agent.requested', ...(options?.skills === undefined ? {} : { skills: options.skills }) }, options),
    leave: (options) => send({ type: 'customer.left' }, options),
    identify: (customer) => send({ type: 'customer.identified', customer }),
    present: ({ lease }) => core.visits.present(id, lease),
    typing: () => core.signals.send(id, { type: 'typing', conversationId: id, author: 'customer' }),
    read: (seq) => core.readMarks.note(id, 'customer', seq),
    moveTo: (page) => {
      send({ type: 'page.visited', page }).catch((error: unknown) =>
        core.options.log.warn({ error, conversationId: id }, 'the page was not noted'),
      )
    },
    rate: (score, options) =>
      send(
        { type: 'rating.given', score, ...(options?.comment === undefined ? {} : { comment: options.comment }) },
        options,
      ),
    follow: (options) => followConversation(core, id, options),
  }
}

/** Those of the options that were given. */
export function only<Options extends object, Name extends keyof Options>(
  options: Options | undefined,
  ...names: readonly Name[]
): Partial<Options> {
  const given: Partial<Options> = {}
  for (const name of names) if (options?.[name] !== undefined) given[name] = options[name]
  return given
}

/** A command through the one door. Not an async function, so that nobody waits longer than the turn takes; what is wrong still rejects. */
export function submit(
  core: Core,
  command: { readonly type: Command['type'] } & Record<string, unknown>,
): Promise<Receipt> {
  try {
    const parsed = parseCommand(command)
    return parsed.type === 'conversation.opened'
      ? openConversation(core, parsed).then(({ receipt }) => receipt)
      : core.submit(parsed)
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)))
  }
}

type Opening = Extract<Command, { type: 'conversation.opened' }>

/** The conversation a customer has open on a channel: found, taken up again, or new. One at a time per customer and channel. */
export async function openConversation(core: Core, visit: unknown): Promise<Opened> {
  const opening = parseCommand(visit) as Opening // the type was given above
  const lane = openKey(opening.customer.id, opening.channel ?? 'web')
  const earlier = core.openings.get(lane)
  const next =
    earlier === undefined
      ? open(core, opening, lane)
      : earlier.then(
          () => open(core, opening, lane),
          () => open(core, opening, lane),
        )
  core.openings.set(lane, next)
  try {
    return await next
  } finally {
    if (core.openings.get(lane) === next) core.openings.delete(lane)
  }
}

interface Opened {
  readonly id: string
  readonly receipt: Receipt
}

async function open(core: Core, opening: Opening, lane: string): Promise<Opened> {
  const { key } = opening
  const keyed = key === undefined ? undefined : { key, bodyHash: hashOf(opening) }
  const before = keyed === undefined ? undefined : await openedBefore(core, opening, keyed)
  if (before !== undefined) return before
  const found = core.store().find({ openKey: lane, limit: 1 })
  const [known] = isPromise(found) ? await found : found // nothing is waited for where nothing has to be
  if (known !== undefined) return { id: known.id, receipt: await returnTo(core, known, { page: opening.page, keyed }) }
  const closed = lastClosed(core, opening)
  const last = isPromise(closed) ? await closed : closed
  const at = core.clock.now()
  if (last !== undefined && canReopen(core, last, at)) {
    const event = { type: 'conversation.reopened', conversationId: last.id, page: opening.page, ...keyed } as const
    return { id: last.id, receipt: await core.submit(event) }
  }
  const id = core.options.createId(at)
  const event: OpeningEvent = { conversationId: id, previousId: last?.id ?? null, at, ...opening, ...keyed }
  try {
    const receipt = await core.submit(event)
    return (keyed === undefined ? undefined : await yieldTo(core, opening, { id, ...keyed })) ?? { id, receipt }
  } catch (error) {
    // Another node may have opened one for this customer in the same moment: then theirs it is.
    const [theirs] = await core.store().find({ openKey: lane, limit: 1 })
    if (theirs === undefined || theirs.id === id) throw error
    return { id: theirs.id, receipt: await returnTo(core, theirs, { page: opening.page, keyed }) }
  }
}

/** Already open: only the page is new, and the key if there is one. */
async function returnTo(
  core: Core,
  { id, version, snapshot }: ConversationRow,
  { page, keyed }: { readonly page: string | undefined; readonly keyed: OpeningKey | undefined },
): Promise<Receipt> {
  if (keyed !== undefined) return core.submit({ type: 'conversation.reopened', conversationId: id, page, ...keyed })
  if (page !== undefined) return core.submit({ type: 'page.visited', conversationId: id, page })
  return {
    ok: true,
    status: 'applied',
    conversationId: id,
    revision: version,
    phase: phaseOf(snapshot.path),
    transitions: [],
  }
}

/** This node stood still on the way, and another has done the same meanwhile, to its end: what was opened too late is over at once. */
async function yieldTo(
  core: Core,
  opening: Opening,
  late: OpeningKey & { readonly id: string },
): Promise<Opened | undefined> {
  const theirs = await openedBefore(core, opening, late)
  if (theirs !== undefined) await core.submit({ type: 'customer.left', conversationId: late.id })
  return theirs
}

/** A request that was answered once and comes again (the answer was lost, a node had stood still): nothing is opened that the customer has left. */
async function openedBefore(
  core: Core,
  opening: Opening,
  { key, bodyHash, id: own }: OpeningKey & { readonly id?: string },
): Promise<Opened | undefined> {
  for (const { id } of await lastOnChannel(core, opening)) {
    if (id === own) continue
    const { prior } = await core.store().load(id, key)
    if (prior !== undefined) return { id, receipt: repeat(prior, { name: key, bodyHash }) }
  }
  return undefined
}

function lastClosed(
  core: Core,
  opening: Opening,
): ConversationRow | undefined | PromiseLike<ConversationRow | undefined> {
  const found = lastOnChannel(core, opening)
  return isPromise(found) ? found.then(([last]) => last) : found[0]
}

/** The customer's last conversations on a channel, newest first, as far as the last ten of all go. */
function lastOnChannel(
  core: Core,
  { customer, channel = 'web' }: Opening,
): readonly ConversationRow[] | PromiseLike<readonly ConversationRow[]> {
  const onChannel = (rows: readonly ConversationRow[]): readonly ConversationRow[] =>
    rows.filter(({ snapshot }) => snapshot.context.channel === channel)
  const found = core.store().find({ customerId: customer.id, newestFirst: true, limit: 10 })
  return isPromise(found) ? found.then(onChannel) : onChannel(found)
}

function canReopen(core: Core, { snapshot }: ConversationRow, at: number): boolean {
  const { closedAt, outcome } = snapshot.context
  return closedAt !== null && outcome !== 'blocked' && at - closedAt < core.services.settings.reopenMs
}
