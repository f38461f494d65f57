import { toMs } from '../duration.ts'
import { MaitredError } from '../errors.ts'
import { NONE } from '../machine/context.ts'
import type { Context } from '../snapshot.ts'
import type { Duration, Requirements } from '../types.ts'

/** What is known of a conversation's needs before plugins are asked: the visit or a pre-chat answer first, else the best article. */
export function baseRequirements(context: Context): Requirements {
  const skills = context.skills.length > 0 ? context.skills : context.articleSkills
  const lastAgentId = context.formerAgentIds[context.formerAgentIds.length - 1]
  if (skills.length === 0 && lastAgentId === undefined) return NO_NEEDS
  return { skills, ...(lastAgentId === undefined ? {} : { preferredAgentId: lastAgentId }) }
}

/** One for all who need nobody in particular. */
const NO_NEEDS: Requirements = Object.freeze({ skills: NONE })

/** @throws MaitredError `SKILL_UNKNOWN` */
export function refuseUnknownSkills(
  declared: ReadonlySet<string> | undefined,
  skills: readonly string[] | undefined,
): void {
  const error = undeclaredSkill(declared, skills)
  if (error !== undefined) throw error
}

/** The first skill that nobody declared, as an error; those of `before` were somebody else's doing. */
export function undeclaredSkill(
  declared: ReadonlySet<string> | undefined,
  skills: readonly string[] | undefined,
  before: readonly string[] = [],
): MaitredError | undefined {
  const unknown =
    declared === undefined ? undefined : skills?.find((skill) => !declared.has(skill) && !before.includes(skill))
  if (unknown === undefined) return undefined
  return new MaitredError('SKILL_UNKNOWN', {
    message: `Nobody declared the skill \`${unknown}\`.`,
    hint: `Declared are: ${[...(declared ?? [])].join(', ') || 'none'}.`,
    path: 'skills',
  })
}

/** Is this what a waterfall over requirements may return? */
export function isRequirements(value: unknown): value is Requirements {
  if (typeof value !== 'object' || value === null) return false
  const { skills, preferredSkills, preferredAgentId, excludedAgentIds, target, weight, priority } = value as {
    [Key in keyof Requirements]: unknown
  }
  return (
    isStrings(skills) &&
    (preferredSkills === undefined || isStrings(preferredSkills)) &&
    (preferredAgentId === undefined || typeof preferredAgentId === 'string') &&
    (excludedAgentIds === undefined || isStrings(excludedAgentIds)) &&
    (target === undefined || isDuration(target)) &&
    (weight === undefined || (Number.isInteger(weight) && (weight as number) >= 1)) &&
    (priority === undefined || (typeof priority === 'number' && Number.isFinite(priority)))
  )
}

function isDuration(value: unknown): boolean {
  try {
    return toMs(value as Duration) >= 0 // it throws at whatever is none
  } catch {
    return false
  }
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
