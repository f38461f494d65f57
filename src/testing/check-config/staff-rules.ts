import type { EngineOptions } from '../../assemble.ts'
import type { Agent } from '../../core/types.ts'
import type { Finding } from './finding.ts'

/** Is there anybody to answer? Without a list of agents they may still be kept in a store of your own. */
export function isStaffed(options: EngineOptions): boolean {
  return (options.agents?.length ?? 0) > 0 || isStaffUnknown(options)
}

function isStaffUnknown({ agents = [], store }: EngineOptions): boolean {
  return agents.length === 0 && store !== undefined && store.name !== 'memory'
}

/** Agents who can take nothing, and skills that lead to nobody. */
export function checkStaff(options: EngineOptions): readonly Finding[] {
  const { agents = [] } = options
  const idle = agents.flatMap(({ id, capacity }, index): readonly Finding[] =>
    capacity === undefined || capacity >= 1
      ? []
      : [
          {
            rule: 'agentWithoutCapacity',
            path: `agents[${index}].capacity`,
            hint: `\`${id}\` has room for ${capacity} conversations and is never offered one. Give them 1 or more; who is only away says so with \`setPresence\`.`,
          },
        ],
  )
  return isStaffUnknown(options) ? idle : [...idle, ...checkSkills(options, agents)]
}

interface Mention {
  readonly skill: string
  readonly path: string
}

function checkSkills(options: EngineOptions, agents: readonly Agent[]): readonly Finding[] {
  const known = new Set(agents.flatMap(skillsOf))
  const told = new Set<string>()
  const missing = mentionsOf(options).flatMap(({ skill, path }): readonly Finding[] => {
    if (known.has(skill) || told.has(skill)) return []
    told.add(skill)
    return [
      {
        rule: 'skillNobodyHas',
        path,
        hint: `Nobody in \`agents\` has the skill \`${skill}\`: a conversation that needs it waits in vain. Give it to somebody, or take it out.`,
      },
    ]
  })
  return [...missing, ...checkOverflow(options, agents, known)]
}

/** The skills that the options speak of, those declared first. */
function mentionsOf({ skills = [], routing }: EngineOptions): readonly Mention[] {
  return [
    ...skills.map((skill, index) => ({ skill, path: `skills[${index}]` })),
    ...overflowSkills(routing).map((skill, index) => ({ skill, path: `routing.overflow.to.skills[${index}]` })),
    ...(routing?.relax ?? []).flatMap(({ drop }, index) =>
      drop === 'preferredSkills' ? [] : [{ skill: drop, path: `routing.relax[${index}].drop` }],
    ),
  ]
}

/** Everybody may have one of them, and nobody all. */
function checkOverflow(
  { routing }: EngineOptions,
  agents: readonly Agent[],
  known: ReadonlySet<string>,
): readonly Finding[] {
  const needed = overflowSkills(routing)
  const isServed = agents.some((agent) => needed.every((skill) => skillsOf(agent).includes(skill)))
  if (isServed || needed.some((skill) => !known.has(skill))) return []
  if (needed.length === 0) return []
  return [
    {
      rule: 'skillNobodyHas',
      path: 'routing.overflow.to.skills',
      hint: `Nobody in \`agents\` has all of ${needed.map((skill) => `\`${skill}\``).join(' and ')}. Overflow to fewer skills, or give somebody all of them.`,
    },
  ]
}

function overflowSkills(routing: EngineOptions['routing']): readonly string[] {
  const to = routing?.overflow?.to
  return typeof to === 'object' ? to.skills : []
}

function skillsOf({ skills = [] }: Agent): readonly string[] {
  return Array.isArray(skills) ? (skills as readonly string[]) : Object.keys(skills) // isArray forgets readonly lists
}
