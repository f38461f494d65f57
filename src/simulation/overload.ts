import type { Scenario, ScenarioAgents, ScenarioClass } from './scenario.ts'

const DEFAULT_CAPACITY = 3
/** Every set of so many skills is looked at; of more, only single ones and all. */
const MAX_SKILLS = 12

/**
 * Kinds of conversation that bring more work than all who can do it are able to: their queue grows for ever, because their customers
 * never give up. What is found is certain; what is not found may still be too much.
 */
export function findOverload(scenario: Scenario): readonly string[] {
  const patient = scenario.classes.filter(
    ({ patienceSeconds, overflow }) => patienceSeconds === undefined && overflow === undefined,
  )
  const skills = [...new Set(patient.map(({ skill }) => skill))]
  for (const set of toSets(skills)) {
    const brought = patient
      .filter(({ skill }) => set.includes(skill))
      .reduce((sum, each) => sum + toLoad(each, scenario), 0)
    const possible = scenario.agents.reduce((sum, group) => sum + toSpeed(group, set, scenario), 0)
    if (brought < possible) continue
    return [
      `${set.map((skill) => `\`${skill}\``).join(' and ')}: ${brought.toFixed(2)} hours of work come in an hour, and all who can do it ` +
        `do ${possible.toFixed(2)} at most. Nobody gives up, so the queue grows for ever: the figures depend on how long is simulated.`,
    ]
  }
  return []
}

function toSets(skills: readonly string[]): readonly (readonly string[])[] {
  if (skills.length > MAX_SKILLS) return [...skills.map((skill) => [skill]), skills]
  const sets = Array.from({ length: 2 ** skills.length - 1 }, (_, index) =>
    skills.filter((_skill, bit) => (((index + 1) >> bit) & 1) === 1),
  )
  return sets.sort((one, other) => one.length - other.length)
}

/** Hours of work that come in an hour. */
function toLoad(
  { arrivalsPerHour, arrivalsAtSeconds = [], workSeconds }: ScenarioClass,
  { profile }: Scenario,
): number {
  const multipliers = profile?.multipliers ?? [1]
  const multiplier = multipliers.reduce((sum, each) => sum + each, 0) / multipliers.length
  const last = arrivalsAtSeconds.at(-1) ?? 0
  const perHour = arrivalsPerHour === undefined ? 0 : arrivalsPerHour * multiplier
  const recorded = last > 0 ? (arrivalsAtSeconds.length / last) * 3_600 : 0
  return ((perHour + recorded) * workSeconds.mean) / 3_600
}

/** Hours of work that a group does in an hour at most, if it does nothing but these. */
function toSpeed(
  { count = 1, capacity = DEFAULT_CAPACITY, skills }: ScenarioAgents,
  set: readonly string[],
  { slowdown = 0 }: Scenario,
): number {
  const best = set.reduce((most, skill) => Math.max(most, skills[skill] ?? 0), 0)
  let most = 0
  for (let open = 1; open <= capacity; open++) most = Math.max(most, open / (1 + slowdown * (open - 1)))
  return count * best * most
}
