import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { createWorkload } from '../../src/simulation/workload.ts'

/** The waits of first come, first served at agents alike, each on its own: J. Kiefer and J. Wolfowitz (1955). */
function toExactWaits(
  scenario: Scenario,
  { seed, conversations, agents }: { seed: number; conversations: number; agents: number },
): Float64Array {
  const arrive = createWorkload(scenario, seed)
  const freeAt = new Float64Array(agents)
  const waits = new Float64Array(conversations)
  for (let index = 0; index < conversations; index++) {
    const arrival = arrive()
    if (arrival === undefined) break
    let first = 0
    for (let agent = 1; agent < agents; agent++) if ((freeAt[agent] ?? 0) < (freeAt[first] ?? 0)) first = agent
    const startsAt = Math.max(arrival.at, freeAt[first] ?? 0)
    waits[index] = startsAt - arrival.at
    freeAt[first] = startsAt + arrival.workMs
  }
  return waits
}

/** The greatest difference of any conversation's wait, in seconds. */
export function compareWaits({
  seed,
  conversations,
  agents = 10,
  load = 0.9,
}: {
  readonly seed: number
  readonly conversations: number
  readonly agents?: number
  readonly load?: number
}): { readonly worstSeconds: number; readonly meanWaitSeconds: number } {
  const scenario: Scenario = {
    classes: [{ skill: 'any', arrivalsPerHour: (load * agents * 3_600) / 300, workSeconds: { mean: 300 } }],
    agents: [{ count: agents, capacity: 1, skills: { any: 1 } }],
  }
  const exact = toExactWaits(scenario, { seed, conversations, agents })
  const seen = new Float64Array(conversations).fill(Number.NaN)
  runRouter(scenario, {
    routing: { agentPolicy: 'default' },
    seed,
    conversations,
    warmUp: 0,
    onAnswered: ({ index, at, answeredAt }) => (seen[index] = answeredAt - at),
  })
  let worst = 0
  for (let index = 0; index < conversations; index++) {
    const difference = Math.abs((seen[index] ?? Number.NaN) - (exact[index] ?? Number.NaN))
    worst = difference <= worst ? worst : difference // what is missing is no number, and stays
  }
  const sum = exact.reduce((total, wait) => total + wait, 0)
  return { worstSeconds: worst / 1_000, meanWaitSeconds: sum / conversations / 1_000 }
}
