import type { Fleet } from './fleet.ts'
import { pause } from './protocol.ts'

/** One message that somebody has sent, and when: ticks of one counter, so that "before" is known and not measured. */
export interface Sent {
  readonly conversationId: string
  readonly text: string
  readonly sentTick: number
  ackedTick: number | undefined
}

export interface People {
  readonly sent: readonly Sent[]
  readonly ackedCount: number
  /** Conversations that were opened. */
  readonly conversationIds: ReadonlySet<string>
  offered(agentId: string, conversationId: string): void
  /** Lets customers come and go until told otherwise; resolves when the last of them is gone. */
  run(about: { readonly customers: number; readonly agentIds: readonly string[] }): Promise<void>
  goHome(): void
}

const DUPLICATED = 0.1
const REORDERED = 0.1
/** Somebody comes back so often, to the same conversation; then somebody else comes. */
const VISITS = 6
/** A tenth of what their presence lasts. */
const ON_DUTY_EVERY_MS = 2_000

export function createPeople(fleet: () => Fleet, chance: () => number): People {
  const sent: Sent[] = []
  const conversationIds = new Set<string>()
  const taken = new Set<string>()
  let tick = 0
  let ackedCount = 0
  const life = { isOver: false }
  let keyCount = 0
  const nextKey = (): string => `k${(keyCount += 1)}`

  /** Sends until it is acknowledged, one time in ten twice at the same time. `false`: it was refused. */
  async function deliver(
    conversationId: string,
    text: string,
    send: (key: string) => Promise<{ readonly ok: boolean }>,
  ): Promise<boolean> {
    const note: Sent = { conversationId, text, sentTick: (tick += 1), ackedTick: undefined }
    sent.push(note)
    const key = nextKey()
    const sends = chance() < DUPLICATED ? [send(key), send(key)] : [send(key)]
    const told = await Promise.all(sends)
    if (told.some(({ ok }) => !ok)) return false
    note.ackedTick = tick += 1
    ackedCount += 1
    return true
  }

  async function say(conversationId: string, text: string): Promise<boolean> {
    return deliver(conversationId, text, (key) => fleet().insist({ do: 'say', conversationId, text, key }))
  }

  /** One conversation: some words, an agent asked for, more words, gone. */
  async function visit(customerId: string, visitCount: number): Promise<void> {
    const { id = '' } = await fleet().insist({ do: 'open', customerId, key: nextKey() })
    conversationIds.add(id)
    const messageCount = 5 + Math.floor(chance() * 5)
    let earlier: Promise<boolean> | undefined
    for (let index = 0; index < messageCount; index += 1) {
      const saying = say(id, `${customerId} ${visitCount} ${index}`)
      if (chance() < REORDERED && earlier === undefined) earlier = saying
      else {
        await saying
        await earlier
        earlier = undefined
      }
      if (index === 1) await fleet().insist({ do: 'requestAgent', conversationId: id, key: nextKey() })
      await pause(30 + 120 * chance())
    }
    await earlier
    await pause(400 * chance())
    await fleet().insist({ do: 'leave', conversationId: id, key: nextKey() })
  }

  async function customer(name: string): Promise<void> {
    for (let visitCount = 0; !life.isOver; visitCount += 1)
      await visit(`${name}-${Math.floor(visitCount / VISITS)}`, visitCount)
  }

  /** Takes what is offered, says a few words, and closes. */
  async function serve(agentId: string, conversationId: string): Promise<void> {
    const accepted = await fleet().insist({ do: 'accept', agentId, conversationId, key: nextKey() })
    if (!accepted.ok) return
    for (let index = 0; index < 3; index += 1) {
      const text = `${agentId} ${(tick += 1)} ${index}`
      const isSaid = await deliver(conversationId, text, (key) =>
        fleet().insist({ do: 'answer', agentId, conversationId, text, key }),
      )
      if (!isSaid) return
      await pause(50 + 200 * chance())
    }
    await fleet().insist({ do: 'close', agentId, conversationId, key: nextKey() })
  }

  return {
    sent,
    conversationIds,
    get ackedCount() {
      return ackedCount
    },
    offered(agentId, conversationId) {
      const about = `${agentId} ${conversationId}`
      if (taken.has(about)) return
      taken.add(about)
      void serve(agentId, conversationId).finally(() => taken.delete(about))
    },
    async run({ customers, agentIds }) {
      const duty = setInterval(() => {
        for (const agentId of agentIds)
          void fleet()
            .ask({ do: 'online', agentId })
            .catch(() => undefined)
      }, ON_DUTY_EVERY_MS)
      for (const agentId of agentIds) await fleet().insist({ do: 'online', agentId })
      await Promise.all(Array.from({ length: customers }, (_, index) => customer(`kim${index}`)))
      clearInterval(duty)
    },
    goHome() {
      life.isOver = true
    },
  }
}
