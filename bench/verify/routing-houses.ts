import type { Scenario } from '../../src/simulation/scenario.ts'

const WORK_S = 60
const workSeconds = { mean: WORK_S }

/** Small enough that the best possible policy is known. */
export const nModel: Scenario = {
  classes: [
    { skill: 'a', arrivalsPerHour: (3 * 3_600) / WORK_S, workSeconds },
    { skill: 'b', arrivalsPerHour: (1.8 * 3_600) / WORK_S, workSeconds },
  ],
  agents: [
    { count: 3, capacity: 1, skills: { a: 1 } },
    { count: 3, capacity: 1, skills: { a: 1, b: 1 } },
  ],
}

/** The mean wait under the best policy, by relative value iteration; in seconds. */
export const N_MODEL_OPTIMUM_S = 0.53567 * WORK_S

/** More comes than can be done, nearly all of it urgent, and nobody gives up: who starves? */
export const starvation: Scenario = {
  slowdown: 0.25,
  classes: [
    { skill: 'urgent', arrivalsPerHour: 226.8, workSeconds: { mean: 300 }, targetSeconds: 30, priority: 1 },
    { skill: 'other', arrivalsPerHour: 25.2, workSeconds: { mean: 300 }, targetSeconds: 120, priority: 0 },
  ],
  agents: [{ count: 10, capacity: 3, skills: { urgent: 1, other: 1 } }],
}
