import type { Conversation } from './desk.ts'
import type { Scenario } from './scenario.ts'
import type { StaffedAgent } from './staff.ts'

/** What one class came to. */
export interface ClassTally {
  /** Came after the warm-up, and is over or answered. */
  count: number
  /** Found nobody free. */
  delayedCount: number
  answeredCount: number
  withinCount: number
  abandonedCount: number
  waitSumMs: number
}

/** What one run came to: sums, to be put together with other runs. */
export interface RunTally {
  readonly classes: readonly ClassTally[]
  /** Of everybody after the warm-up, those who gave up included; in order of the end of waiting. */
  readonly waitsMs: Float64Array
  /** Share of all seats taken, over time. */
  readonly occupancy: number
  /** Time in conversation over the work it held. */
  readonly inflation: number
  /** The most worked over the mean of those who can do the same; the greatest of all groups. */
  readonly peersMaxOverMean: number
  readonly events: number
}

/** Takes down what happens after the warm-up. */
export interface Tally {
  waited(conversation: Conversation, about: { readonly untilAt: number; readonly isAnswered: boolean }): void
  finished(conversation: Conversation, about: { readonly agentIndex: number; readonly at: number }): void
  /** So many seats were taken since the last time. */
  passed(at: number, takenCount: number): void
  sum(events: number): RunTally
}

interface TallyOptions {
  readonly scenario: Scenario
  readonly staff: readonly StaffedAgent[]
  /** Of all who come. */
  readonly conversations: number
  readonly warmUp: number
}

const DEFAULT_TARGET_S = 60

export function createTally({ scenario, staff, conversations, warmUp }: TallyOptions): Tally {
  const targets = scenario.classes.map(({ targetSeconds = DEFAULT_TARGET_S }) => targetSeconds * 1_000)
  const classes = scenario.classes.map(
    (): ClassTally => ({
      count: 0,
      delayedCount: 0,
      answeredCount: 0,
      withinCount: 0,
      abandonedCount: 0,
      waitSumMs: 0,
    }),
  )
  const seatCount = staff.reduce((sum, { capacity }) => sum + capacity, 0)
  const waits = new Float64Array(Math.max(0, conversations - warmUp))
  const workMs = new Float64Array(staff.length)
  let [waitCount, handleSum, workSum, takenMs, fromAt, lastAt] = [0, 0, 0, 0, Number.NaN, 0]

  return {
    waited({ index, classIndex, at }, { untilAt, isAnswered }) {
      const own = classes[classIndex]
      if (index < warmUp || own === undefined) return
      const waitMs = untilAt - at
      waits[waitCount++] = waitMs
      own.count += 1
      own.waitSumMs += waitMs
      if (waitMs > 0) own.delayedCount += 1
      if (!isAnswered) own.abandonedCount += 1
      else {
        own.answeredCount += 1
        if (waitMs <= (targets[classIndex] ?? 0)) own.withinCount += 1
      }
    },
    finished(conversation, { agentIndex, at }) {
      if (conversation.index < warmUp) return
      handleSum += at - conversation.answeredAt
      workSum += conversation.workMs
      workMs[agentIndex] = (workMs[agentIndex] ?? 0) + conversation.workMs
    },
    passed(at, takenCount) {
      if (Number.isNaN(fromAt)) fromAt = lastAt = at
      takenMs += (at - lastAt) * takenCount
      lastAt = at
    },
    sum: (events) => ({
      classes,
      waitsMs: waits.subarray(0, waitCount),
      occupancy: lastAt > fromAt ? takenMs / (seatCount * (lastAt - fromAt)) : 0,
      inflation: workSum > 0 ? handleSum / workSum : 1,
      peersMaxOverMean: toPeersMaxOverMean(staff, workMs),
      events,
    }),
  }
}

function toPeersMaxOverMean(staff: readonly StaffedAgent[], workMs: Float64Array): number {
  const groups = new Map<number, number[]>()
  for (const [index, { peers }] of staff.entries()) {
    const group = groups.get(peers)
    if (group === undefined) groups.set(peers, [workMs[index] ?? 0])
    else group.push(workMs[index] ?? 0)
  }
  let most = 1
  for (const group of groups.values()) {
    const sum = group.reduce((total, each) => total + each, 0)
    if (sum > 0) most = Math.max(most, (Math.max(...group) * group.length) / sum)
  }
  return most
}
