import { findViolations, readStore } from '../../src/testing/index.ts'
import type { TenantStore } from '../../src/core/ports.ts'
import type { Sent } from './people.ts'

export interface Verdict {
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  readonly doubleOwner: number
  readonly stuck: number
  readonly unsound: readonly string[]
}

/** Compares what was acknowledged with what is stored. */
export async function judge(store: TenantStore, sent: readonly Sent[], ids: ReadonlySet<string>): Promise<Verdict> {
  const byConversation = groupBy(sent, ({ conversationId }) => conversationId)
  let [lost, doubled, outOfOrder] = [0, 0, 0]
  const open: string[] = []
  for (const id of ids) {
    const { row } = await store.load(id)
    const transcript = await store.transcript(id, 0)
    const path = row?.snapshot.path ?? 'no row'
    if (path !== 'closed')
      open.push(`open: ${id} in ${path}, the last of ${transcript.length}: "${transcript.at(-1)?.text ?? ''}"`)
    const places = groupBy(transcript, ({ text }) => text)
    const acked = (byConversation.get(id) ?? []).filter(({ ackedTick }) => ackedTick !== undefined)
    for (const { text } of byConversation.get(id) ?? []) if ((places.get(text)?.length ?? 0) > 1) doubled += 1
    for (const { text } of acked) if (!places.has(text)) lost += 1
    const seqOf = ({ text }: Sent): number => places.get(text)?.[0]?.seq ?? 0
    for (const one of acked)
      for (const other of acked) if ((one.ackedTick ?? 0) < other.sentTick && seqOf(one) > seqOf(other)) outOfOrder += 1
  }
  const violations = findViolations(await readStore(store))
  return {
    lost,
    doubled,
    outOfOrder,
    doubleOwner: violations.filter(({ rule }) => rule === 'owner').length,
    stuck: open.length + violations.filter(({ rule }) => rule === 'stuck').length,
    unsound: [...open, ...violations.map(({ rule, about, found }) => `${rule} of ${about}: ${found}`)],
  }
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
