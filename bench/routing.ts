import { type Compared, compare } from './paired.ts'
import { type Desk, filterAndSort, production, scan, sideOf } from './routing/desks.ts'
import { common, rarePair, type Shape, shared } from './routing/shapes.ts'
import { crowded, crowdedScan } from './routing/waiting.ts'
import { goalOf, type Row, type Section, type SectionOptions } from './section.ts'

/** A desk and how many steps make a round of it. */
interface Plan {
  readonly label: string
  readonly desk: Desk
  readonly steps: number
}

/** One step of each plan, in microseconds, and against the first plan: round by round, the median and the quartiles. */
interface Cost {
  readonly label: string
  readonly us: number
  readonly ratio: number
  readonly quartiles: readonly [number, number]
}

export const routing: Section = {
  name: 'routing-speed',
  title: 'Routing: a decision, and the end of a conversation',
  async run(options) {
    return {
      base:
        'a step is one conversation that is queued, matched and seated, and one that ends, with 70 % of all seats taken; the router is told ' +
        'rows as by an engine and counts why others were not chosen. The naive ways keep a list of agents and order it alike; they are told what was taken and given back, and count and forecast nothing',
      rows: [...(await bySize(options)), ...(await byShape(options)), ...(await byWaiting(options))],
      notes: [
        'Ratios are of the cost of a step: of the naive way to ours where it says `times`, to the smallest house where it says `of`.',
      ],
    }
  },
}

async function measure(plans: readonly Plan[], { rounds }: SectionOptions): Promise<readonly Cost[]> {
  const compared = await compare(
    plans.map(({ desk, steps }) => sideOf(desk, steps)),
    { rounds, warmUp: 2, tidy: 'young' },
  )
  const first = plans[0]?.steps ?? 1
  return plans.map(({ label, steps }, index) => {
    const { roundUs, ratio, quartiles } = compared[index] as Compared // one for each side
    const scale = first / steps
    return { label, us: roundUs / steps, ratio: ratio * scale, quartiles: [quartiles[0] * scale, quartiles[1] * scale] }
  })
}

/** Enough steps for a round of some 50 ms, by the guess of what one costs. */
const stepsFor = (us: number): number => Math.max(3, Math.round(50_000 / us))

async function bySize(options: SectionOptions): Promise<readonly Row[]> {
  const sizes = [100, 1_000, 10_000, 100_000]
  const rows: Row[] = []
  const ours = sizes.map(
    (size): Plan => ({ label: `${size.toLocaleString('en')} agents`, desk: production(common(size)), steps: 20_000 }),
  )
  const goals: Readonly<Record<number, number>> = { 10_000: 4, 100_000: 8 }
  for (const [index, cost] of (await measure(ours, options)).entries()) {
    const limit = goals[sizes[index] ?? 0]
    const row = toRow(cost, 'of')
    rows.push(limit === undefined ? row : { ...row, goal: goalOf(cost.ratio, '<=', limit) })
    if (sizes[index] === 100_000)
      rows.push({
        what: 'decisions a second at 100,000 agents',
        figure: perSecond(cost),
        goal: goalOf(1e6 / cost.us, '>=', 500_000),
      })
  }
  for (const [index, size] of sizes.entries()) {
    const own = ours[index]
    if (own === undefined) continue
    const shape = common(size)
    const plans: readonly Plan[] = [
      own,
      {
        label: `scan with bit masks, ${size.toLocaleString('en')} agents`,
        desk: scan(shape),
        steps: stepsFor(size * 0.01),
      },
      {
        label: `filter and sort, ${size.toLocaleString('en')} agents`,
        desk: filterAndSort(shape),
        steps: stepsFor(size * 0.1),
      },
    ]
    const [, scanned, sorted] = await measure(plans, options)
    if (scanned === undefined || sorted === undefined) continue
    const [least, most] = size === 100_000 ? [400, 5_000] : size === 100 ? [1, undefined] : [undefined, undefined]
    rows.push(toRow(scanned, 'times', least), toRow(sorted, 'times', most))
  }
  return rows
}

async function byShape(options: SectionOptions): Promise<readonly Row[]> {
  const size = 100_000
  const plan = (shape: Shape): Plan => ({
    label: `${shape.name}, ${size.toLocaleString('en')} agents`,
    desk: production(shape),
    steps: 20_000,
  })
  const costs = await measure([common(size), shared(size), rarePair(size)].map(plan), options)
  return costs.slice(1).map((cost) => ({ ...toRow(cost, 'of'), goal: goalOf(cost.ratio, '<=', 3) }))
}

async function byWaiting(options: SectionOptions): Promise<readonly Row[]> {
  const sizes = [1_000, 10_000, 100_000, 1_000_000]
  const plans = sizes.map(
    (size): Plan => ({ label: `the best of ${size.toLocaleString('en')} waiting`, desk: crowded(size), steps: 10_000 }),
  )
  const costs = await measure(plans, options)
  const rows = costs.map((cost, index) => ({
    ...toRow(cost, 'of'),
    ...(sizes[index] === 1_000_000 ? { goal: goalOf(cost.ratio, '<=', 8) } : {}),
  }))
  const [, , own] = plans
  if (own === undefined) return rows
  const [, scanned] = await measure(
    [own, { label: 'looking at each of 100,000 waiting', desk: crowdedScan(100_000), steps: 50 }],
    options,
  )
  return scanned === undefined ? rows : [...rows, toRow(scanned, 'times', 300)]
}

function toRow(cost: Cost, kind: 'of' | 'times', least?: number): Row {
  const digits = cost.ratio >= 100 ? 0 : 2
  const ratio = `${cost.ratio.toFixed(digits)} (${cost.quartiles.map((each) => each.toFixed(digits)).join('-')}) ${kind}`
  const row = { what: cost.label, figure: `${cost.us.toFixed(2)} us`, ratio }
  return least === undefined ? row : { ...row, goal: goalOf(cost.ratio, '>=', least) }
}

function perSecond({ us }: Cost): string {
  return `${Math.round(1_000 / us)} k/s`
}
