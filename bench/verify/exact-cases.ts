import { erlangA } from '../../src/simulation/formulas/erlang-a.ts'
import { erlangB, erlangC } from '../../src/simulation/formulas/erlang.ts'
import { fcfsAlis } from '../../src/simulation/formulas/fcfs-alis.ts'
import { multitask, oneByOneWait } from '../../src/simulation/formulas/one-agent.ts'
import { priorityWaits } from '../../src/simulation/formulas/priority.ts'

/** One case of `exact.json`. Which fields it has depends on its kind. */
export type ExactCase = { readonly id: string; readonly kind: string } & { readonly [field: string]: unknown }

export interface Compared {
  readonly id: string
  readonly figure: string
  readonly expected: number
  readonly actual: number
  /** Relative; where 0 is expected, the value itself. */
  readonly error: number
}

type Figures = Readonly<Record<string, number | readonly number[]>>

/** Every figure of a case beside what our formulas say. The case that needs value iteration has none. */
export function compareExact(exact: ExactCase): readonly Compared[] {
  return Object.entries(figuresOf(exact)).flatMap(([figure, actual]) => {
    const expected = exact[figure]
    if (expected === undefined) throw new Error(`${exact.id} has no ${figure}`)
    const pairs = Array.isArray(expected) ? (expected as number[]) : [expected as number]
    return pairs.map((each, index): Compared => {
      const own = typeof actual === 'number' ? actual : (actual[index] ?? Number.NaN)
      const name = pairs.length > 1 ? `${figure}[${index}]` : figure
      return {
        id: exact.id,
        figure: name,
        expected: each,
        actual: own,
        error: Math.abs(own - each) / (Math.abs(each) || 1),
      }
    })
  })
}

function figuresOf(exact: ExactCase): Figures {
  if (exact.kind === 'erlangC') return erlangCFigures(exact)
  if (exact.kind === 'erlangA') return erlangAFigures(exact)
  if (exact.kind.startsWith('one agent')) return oneAgentFigures(exact)
  if (exact.kind.startsWith('nonpreemptive')) return priorityFigures(exact)
  if (exact.kind.startsWith('M/G/1'))
    return { meanWait: oneByOneWait({ arrivalRate: number(exact, 'rho'), meanWork: 1, cv: number(exact, 'cv') }) }
  if (exact.kind.startsWith('FCFS')) return fcfsAlisFigures(exact)
  if (exact.id.startsWith('mdp')) return {}
  throw new Error(`${exact.id} is of an unknown kind: ${exact.kind}`)
}

function erlangCFigures(exact: ExactCase): Figures {
  const [agents, arrivalRate, serviceRate] = [number(exact, 'n'), number(exact, 'lambda'), number(exact, 'mu')]
  const house = erlangC({ agents, arrivalRate, serviceRate })
  const { pWait, meanWait, meanWaitIfWait, meanQueue, meanInSystem } = house
  return {
    ...{ pWait, meanWait, meanWaitIfWait, meanQueue, meanInSystem },
    erlangB: erlangB(agents, arrivalRate / serviceRate),
    p50: house.quantile(0.5),
    p95: house.quantile(0.95),
    ...byTime(exact, /^P\(W<=(.*)\)$/, house.within),
  }
}

function erlangAFigures(exact: ExactCase): Figures {
  const house = erlangA({
    agents: number(exact, 'n'),
    arrivalRate: number(exact, 'lambda'),
    serviceRate: number(exact, 'mu'),
    abandonRate: number(exact, 'theta'),
  })
  const { pWait, meanQueue, meanWaitServed } = house
  return {
    ...{ pWait, meanQueue, meanWaitServed },
    pAbandon: house.pAbandon,
    meanWaitAll: house.meanWait,
    utilisation: house.occupancy,
    ...byTime(exact, /^P\(W>(.*)\)$/, house.waitsLonger),
    ...byTime(exact, /^P\(served within (.*)\)$/, house.within),
  }
}

function oneAgentFigures(exact: ExactCase): Figures {
  const figures = multitask({
    capacity: number(exact, 'c'),
    arrivalRate: number(exact, 'lambda'),
    serviceRate: number(exact, 'mu'),
    slowdown: number(exact, 'alpha'),
    abandonRate: number(exact, 'theta'),
  })
  const { meanWait, ...others } = figures
  return { ...others, meanWaitAll: meanWait }
}

function priorityFigures(exact: ExactCase): Figures {
  const [agents, arrivalRates] = [number(exact, 'n'), exact['lambdas'] as readonly number[]]
  const arrivalRate = arrivalRates.reduce((sum, rate) => sum + rate, 0)
  return {
    pWait: erlangC({ agents, arrivalRate, serviceRate: 1 }).pWait,
    meanWait: priorityWaits({ agents, arrivalRates, serviceRate: 1 }),
  }
}

function fcfsAlisFigures(exact: ExactCase): Figures {
  const servers = exact['servers'] as readonly { readonly mu: number; readonly skills: readonly number[] }[]
  const { pWait, meanWait, meanQueue, busy } = fcfsAlis({
    arrivalRates: exact['lam'] as readonly number[],
    agents: servers.map(({ mu, skills }) => ({ serviceRate: mu, skills })),
  })
  return { pWait, meanWait, meanQueue, busy }
}

/** The figures whose name holds the time they are for. */
function byTime(exact: ExactCase, pattern: RegExp, of: (time: number) => number): Figures {
  return Object.fromEntries(
    Object.keys(exact).flatMap((name) => {
      const time = pattern.exec(name)?.[1]
      return time === undefined ? [] : [[name, of(Number(time))] as const]
    }),
  )
}

function number(exact: ExactCase, field: string): number {
  const value = exact[field]
  if (typeof value !== 'number') throw new Error(`${exact.id} has no number \`${field}\``)
  return value
}
