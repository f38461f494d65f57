import type { Scenario } from '../../src/simulation/scenario.ts'

/** Billing and German at a small house: the one used where nothing special is needed. */
export const smallHouse = {
  name: 'small house',
  slowdown: 0.25,
  classes: [
    {
      skill: 'billing',
      arrivalsPerHour: 60,
      workSeconds: { mean: 300 },
      patienceSeconds: { mean: 240 },
      targetSeconds: 60,
    },
    { skill: 'german', arrivalsPerHour: 12, workSeconds: { mean: 420, distribution: 'lognormal', cv: 1.2 } },
  ],
  agents: [
    { count: 4, capacity: 3, skills: { billing: 1 } },
    { count: 2, capacity: 3, skills: { billing: 0.8, german: 1 } },
  ],
} as const satisfies Scenario
