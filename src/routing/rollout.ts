import type { Field, Service } from './forecast-field.ts'
import type { Outlook } from './forecast-lessons.ts'
import type { Scene } from './forecast-scene.ts'
import type { QueuePolicy, Ranked } from './queue-policies.ts'

/** What is left to chance in a run. */
export interface Chance {
  /** From 0 to 1: which of all that may happen next does. */
  pick(): number
  /** How long until then, in proportion to the mean. */
  gap(): number
  /** Did somebody not give up who had so much of a chance to stay? */
  stays(share: number): boolean
}

/** Those who starve do so for longer than it pays to look. */
const MOST_STEPS = 2_000

/** Runs a scene forward, and tells after how many ms the conversation is served. */
export type Run = (scene: Scene, chance: Chance) => number

/**
 * Runs what is on a field forward under the policy that is in force: seats come free at the rates of their groups, each goes to the best
 * of those who wait by the very score that will decide, some give up, others join. How long a conversation has lasted says nothing about
 * how long it still will.
 */
export function createRun(field: Field, policy: QueuePolicy): Run {
  const { groups, lines, released, serves, servedBy } = field
  /** By line: how many of it are gone; which of them was looked at last, and when it gives up; who has come since. */
  const next = new Int32Array(lines.length)
  const looked = new Int32Array(lines.length)
  const goneAt = new Float64Array(lines.length)
  const late: number[][] = lines.map(() => [])
  /** By group: free seats, and units that are owed for conversations of more than one. */
  const free = new Float64Array(groups.length)
  const owed = new Float64Array(groups.length)
  const ranked: Mutable<Ranked> = { row: { queuedAt: 0 }, need: NO_NEED }
  let afterMs = 0

  function reset(scene: Scene): void {
    afterMs = 0
    next.fill(0)
    looked.fill(-1)
    owed.fill(0)
    if (scene.joining === undefined) return
    free.set(scene.joining.free)
    for (const own of late) own.length = 0
  }

  /** Since when the first of the line waits who has not given up; `undefined` when there is none. */
  function headOf(line: number, { ahead, at, leavingRate, mine, since }: Scene, chance: Chance): number | undefined {
    const early = ahead[line] ?? NOBODY
    for (;;) {
      const index = next[line] ?? 0
      if (line === mine && index === early.length) return since
      const queuedAt = index < early.length ? early[index] : late[line]?.[index - early.length]
      if (queuedAt === undefined || leavingRate === 0) return queuedAt
      if (looked[line] !== index) {
        looked[line] = index
        const waitedMs = Math.min(afterMs, at + afterMs - queuedAt)
        const isThere = chance.stays(Math.exp(-leavingRate * waitedMs))
        goneAt[line] = isThere ? afterMs + chance.gap() / leavingRate : afterMs
      }
      if ((goneAt[line] ?? 0) > afterMs) return queuedAt
      next[line] = index + 1
    }
  }

  /** A seat goes to the best that waits; true when that is the one. */
  function serve(group: number, scene: Scene, chance: Chance): boolean {
    const { ahead, at, mine } = scene
    const own = serves[group] ?? NO_SERVICES
    let best = -1
    let bestScore = Number.NEGATIVE_INFINITY
    let bestAt = 0
    for (let index = 0; index < own.length; index++) {
      const { line, fit, need } = own[index] ?? NO_SERVICE
      const queuedAt = headOf(line, scene, chance)
      if (queuedAt === undefined) continue
      ranked.row.queuedAt = queuedAt
      ranked.need = need
      const score = policy.score(ranked, fit, at + afterMs)
      if (score < bestScore || (score === bestScore && queuedAt >= bestAt)) continue
      best = line
      bestScore = score
      bestAt = queuedAt
    }
    if (best < 0) free[group] = (free[group] ?? 0) + scene.quantum
    else if (best === mine && next[mine] === ahead[mine]?.length) return true
    else {
      next[best] = (next[best] ?? 0) + 1
      owed[group] = (owed[group] ?? 0) + (lines[best]?.need.weight ?? 1) - 1
    }
    return false
  }

  function join(line: number, { at, quantum }: Scene): void {
    const group = servedBy[line]?.find((each) => (free[each] ?? 0) > 0)
    if (group === undefined) late[line]?.push(at + afterMs)
    else free[group] = (free[group] ?? 0) - quantum
  }

  return (scene, chance) => {
    reset(scene)
    const { joining, quantum } = scene
    const releasing = released[released.length - 1] ?? 0
    const total = releasing + (joining?.total ?? 0)
    for (let step = 0; step < MOST_STEPS; step++) {
      afterMs += (chance.gap() * quantum) / total
      const picked = chance.pick() * total
      if (joining !== undefined && picked >= releasing) {
        join(locate(joining.sums, picked - releasing), scene)
        continue
      }
      const group = locate(released, picked)
      if ((owed[group] ?? 0) > 0) owed[group] = (owed[group] ?? 0) - 1
      else if (serve(group, scene, chance)) return afterMs
    }
    return afterMs
  }
}

interface Mutable<Value extends Ranked> {
  readonly row: { queuedAt: number }
  need: Value['need']
}

const NOBODY: readonly number[] = []
const NO_NEED = { targetMs: 1, priority: 0 }
const NO_SERVICES: readonly Service[] = []
const NO_SERVICE: Service = { line: 0, fit: { speedRatio: 1, scarcity: 1 }, need: NO_NEED }

/** Everything in its proportion, and at its mean: the golden ratio spreads picks most evenly, the root of two those who stay. */
export function evenChance(from: number): Chance {
  let [picks, stays] = [from, from]
  return {
    pick: () => (picks = (picks + 0.618_033_988_749_895) % 1),
    gap: () => 1,
    stays: (share) => (stays = (stays + 0.414_213_562_373_095) % 1) < share,
  }
}

/** G. Steele's mixer over a counter; the same seed gives the same draws. */
export function randomChance(seed: number): Chance {
  let state = seed | 0
  const draw = (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
  return { pick: draw, gap: () => -Math.log(1 - draw()), stays: (share) => draw() < share }
}

/** Shapes beyond these are spreads of a sample that is too small to know. */
const [LEAST_SHAPE, MOST_SHAPE] = [0.25, 1_000]

/** What so many runs come to by chance: their mean, and the shape of their spread. */
export function rollOut(
  run: Run,
  scene: Scene,
  { count, seed }: { readonly count: number; readonly seed: number },
): Outlook {
  const chance = randomChance(seed)
  let [sum, squares] = [0, 0]
  for (let nth = 0; nth < count; nth++) {
    const afterMs = run(scene, chance)
    sum += afterMs
    squares += afterMs * afterMs
  }
  const meanMs = sum / count
  const variance = Math.max(1, (squares - sum * meanMs) / Math.max(1, count - 1))
  return { meanMs, shape: Math.max(LEAST_SHAPE, Math.min(MOST_SHAPE, (meanMs * meanMs) / variance)) }
}

/** A few runs even out the order in which groups come; where many are ahead, fewer do. */
const [EVEN_RUNS, EVEN_STEPS] = [4, 60]

/** What the state comes to when everything happens in its proportion; in ms. */
export function runEvenly(run: Run, scene: Scene): number {
  const count = Math.max(1, Math.min(EVEN_RUNS, Math.ceil(EVEN_STEPS / (scene.aheadCount + 1))))
  let sum = 0
  for (let nth = 0; nth < count; nth++) sum += run(scene, evenChance((nth + 0.5) / count))
  return sum / count
}

/** The first whose sum is above. */
function locate(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
