/** A positive quantity left to chance. Exponential unless said. */
export interface Distribution {
  readonly mean: number
  readonly distribution?: 'exponential' | 'deterministic' | 'erlang2' | 'lognormal'
  /** Standard deviation over mean, for `lognormal`; 1 unless said. */
  readonly cv?: number
}

/** One kind of conversation. */
export interface ScenarioClass {
  /** What an agent must be able to do. */
  readonly skill: string
  /** Poisson. */
  readonly arrivalsPerHour?: number
  /** Instead of `arrivalsPerHour`: when each came, as recorded, in seconds from the beginning. */
  readonly arrivalsAtSeconds?: readonly number[]
  /** The time one conversation takes an agent of speed 1 who has no other. */
  readonly workSeconds: Distribution
  /** How long a customer waits before giving up; for ever unless said. */
  readonly patienceSeconds?: Distribution
  /** How soon it should be answered; 60 unless said. */
  readonly targetSeconds?: number
  /** Higher goes first; used by the strict-priority policy only. */
  readonly priority?: number
  /** What is asked for instead, once it has waited so long. */
  readonly overflow?: { readonly afterSeconds: number; readonly skill: string }
}

/** Agents alike. */
export interface ScenarioAgents {
  /** 1 unless said. */
  readonly count?: number
  /** Conversations at once; 3 unless said. */
  readonly capacity?: number
  /** Speed by skill: 1 is full speed, work takes 1 / speed. */
  readonly skills: Readonly<Record<string, number>>
}

/** A day of work. The same shape as a scenario file of `maitred simulate`. */
export interface Scenario {
  readonly name?: string
  /** The speed of one conversation whose agent holds n is 1 / (1 + slowdown (n - 1)); 0 unless said. */
  readonly slowdown?: number
  readonly classes: readonly ScenarioClass[]
  readonly agents: readonly ScenarioAgents[]
  /** Poisson arrivals come `multipliers[i]` times as often for `stepSeconds` each, over and over. */
  readonly profile?: { readonly stepSeconds: number; readonly multipliers: readonly number[] }
}
