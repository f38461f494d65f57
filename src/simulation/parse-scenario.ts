import { z } from 'zod'
import { MaitredError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Distribution, Scenario } from './scenario.ts'
import { findOverload } from './overload.ts'

/** A scenario that can be simulated, and what is strange about it all the same. */
export interface ReadScenario {
  readonly scenario: Scenario
  readonly warnings: readonly string[]
}

const positive = z.number().gt(0)
const share = z.number().min(0)
const DISTRIBUTIONS = ['exponential', 'deterministic', 'erlang2', 'lognormal'] as const
const distribution = z.strictObject({
  mean: positive,
  distribution: z.enum(DISTRIBUTIONS).optional(),
  cv: share.optional(),
})
const scenarioClass = z.strictObject({
  skill: z.string().min(1),
  arrivalsPerHour: positive.optional(),
  arrivalsAtSeconds: z.array(share).min(1).optional(),
  workSeconds: distribution,
  patienceSeconds: distribution.optional(),
  targetSeconds: positive.optional(),
  priority: z.number().optional(),
  overflow: z.strictObject({ afterSeconds: positive, skill: z.string().min(1) }).optional(),
})
const agents = z.strictObject({
  count: z.int().min(1).max(100_000).optional(),
  capacity: z.int().min(1).max(1_000).optional(),
  skills: z.record(z.string().min(1), positive),
})
const schema = z.strictObject({
  name: z.string().optional(),
  slowdown: share.optional(),
  classes: z.array(scenarioClass).min(1),
  agents: z.array(agents).min(1),
  profile: z.strictObject({ stepSeconds: positive, multipliers: z.array(share).min(1) }).optional(),
})

/**
 * Reads a scenario: the value itself, or its `scenario` field, as in a file that has figures beside it.
 * @throws MaitredError `CONFIG_INVALID` with the `path` of the first thing that is wrong
 * @example parseScenario({ classes: [{ skill: 'billing', arrivalsPerHour: 60, workSeconds: { mean: 300 } }], agents: [{ skills: { billing: 1 } }] })
 */
export function parseScenario(input: unknown): ReadScenario {
  const isWrapped = typeof input === 'object' && input !== null && 'scenario' in input
  const root = isWrapped ? 'scenario' : ''
  const read = schema.safeParse(isWrapped ? input.scenario : input)
  if (!read.success) throw toError(read.error, root)
  const scenario = read.data as Scenario // optional fields that are absent are absent here, too
  refuseNonsense(scenario, root)
  return { scenario, warnings: findOverload(scenario) }
}

function refuseNonsense(scenario: Scenario, root: string): void {
  const { classes, profile } = scenario
  if (profile?.multipliers.every((multiplier) => multiplier === 0) === true)
    throw invalid(`${root}.profile.multipliers`, 'Expected at least one above 0, got only 0', 'Nobody would ever come.')
  for (const [index, each] of classes.entries()) {
    const path = `${root}.classes[${index}]`
    if ((each.arrivalsPerHour === undefined) === (each.arrivalsAtSeconds === undefined)) {
      const got = each.arrivalsPerHour === undefined ? 'neither' : 'both'
      throw invalid(
        path,
        `Expected \`arrivalsPerHour\` or \`arrivalsAtSeconds\`, got ${got}`,
        'Say how customers come.',
      )
    }
    const late = (each.arrivalsAtSeconds ?? []).findIndex((at, nth, all) => at < (all[nth - 1] ?? 0))
    if (late >= 0)
      throw invalid(
        `${path}.arrivalsAtSeconds[${late}]`,
        'Expected times in order, got one before the last',
        'Sort them.',
      )
    refuseSpread(each.workSeconds, `${path}.workSeconds`)
    if (each.patienceSeconds !== undefined) refuseSpread(each.patienceSeconds, `${path}.patienceSeconds`)
    refuseUnserved(scenario, { index, path })
  }
}

const OWN_CV = { exponential: 1, deterministic: 0, erlang2: Math.SQRT1_2 } as const

function refuseSpread({ distribution: kind = 'exponential', cv }: Distribution, path: string): void {
  if (cv === undefined) return
  if (kind === 'lognormal') {
    if (cv === 0)
      throw invalid(`${path}.cv`, 'Expected a spread above 0, got `0`', "Write distribution 'deterministic'.")
    return
  }
  if (Math.abs(cv - OWN_CV[kind]) < 0.001) return
  throw invalid(
    `${path}.cv`,
    `Expected no \`cv\` beside \`${kind}\`, whose own is ${OWN_CV[kind].toFixed(2)}, got \`${cv}\``,
    "Write distribution 'lognormal' to choose it.",
  )
}

function refuseUnserved({ agents: groups, classes }: Scenario, { index, path }: { index: number; path: string }): void {
  const { skill, overflow } = classes[index] ?? { skill: '' }
  const known = new Set(groups.flatMap(({ skills }) => Object.keys(skills)))
  const meant = (name: string): string => {
    const close = nearest(name, [...known])
    return close === undefined ? '' : `Was \`${close}\` meant? `
  }
  if (overflow !== undefined && !known.has(overflow.skill))
    throw invalid(
      `${path}.overflow.skill`,
      `Expected a skill that an agent has, got \`${overflow.skill}\``,
      `${meant(overflow.skill)}Nobody could ever answer.`,
    )
  if (known.has(skill) || overflow !== undefined) return
  throw invalid(
    `${path}.skill`,
    `Expected a skill that an agent has, got \`${skill}\``,
    `${meant(skill)}Give it to an agent, or add an \`overflow\` to another skill.`,
  )
}

function toError(error: z.ZodError, root: string): MaitredError {
  const [issue] = error.issues
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const known = nearest(key, KNOWN)
    const hint = known === undefined ? 'Leave it out.' : `Was \`${known}\` meant?`
    return invalid(toPath([...issue.path, key], root), `Expected no field \`${key}\``, hint)
  }
  const path = toPath(issue?.path ?? [], root)
  return invalid(path, issue?.message ?? 'Expected a scenario', 'The fields are described in docs/simulation.md.')
}

const KNOWN = [schema, scenarioClass, agents, distribution].flatMap(({ shape }) => Object.keys(shape))

function toPath(parts: readonly PropertyKey[], root: string): string {
  return parts.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    root,
  )
}

function invalid(path: string, message: string, hint: string): MaitredError {
  const at = path.replace(/^\./, '') || 'scenario'
  return new MaitredError('CONFIG_INVALID', { message: `${message} at \`${at}\`.`, hint, path: at })
}
