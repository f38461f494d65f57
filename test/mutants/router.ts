import type { Mutant } from './mutant.ts'

const anyDay = {
  file: 'test/routing/router.property.test.ts',
  title: 'keeps capacity, compatibility, order within a class and the queue policy',
}

export const mutants: readonly Mutant[] = [
  {
    name: 'the capacity guard is off',
    file: 'src/routing/group.ts',
    find: 'if (shelf === undefined || shelf.load + 1 > capacity) break\n    const head',
    replace: 'if (shelf === undefined) break\n    const head',
    killedBy: anyDay,
  },
  {
    name: 'the last seat is refused',
    file: 'src/routing/group.ts',
    find: 'if (shelf === undefined || shelf.load + 1 > capacity) break\n    const head',
    replace: 'if (shelf === undefined || shelf.load + 1 >= capacity) break\n    const head',
    killedBy: anyDay,
  },
  {
    name: 'the last of a class comes first',
    file: 'src/routing/line.ts',
    find: 'return difference === 0 ? waiting.id < other.id : difference < 0',
    replace: 'return difference === 0 ? waiting.id < other.id : difference > 0',
    killedBy: { file: 'test/routing/router.test.ts', title: 'goes to the longest waiting of a class' },
  },
  {
    name: 'weights are dropped',
    file: 'src/routing/matcher.ts',
    find: 'const units = waiting.need.weight',
    replace: 'const units = 1',
    killedBy: {
      file: 'test/core/behaviour/waiting.test.ts',
      title: 'takes as many units as the conversation weighs',
    },
  },
  {
    name: 'a free seat looks at the first skill of its agent only',
    file: 'src/routing/match.ts',
    find: 'if (!canTake(agent, need.weight, round.at) || !suits(roster, agent, line)) continue',
    replace:
      'if (!canTake(agent, need.weight, round.at) || need.skills.some((skill) => skill !== [...agent.skills.keys()][0])) continue',
    killedBy: anyDay,
  },
  {
    name: 'a declined conversation waits from the start again',
    file: 'src/core/machine/changes.ts',
    find: '      : { holds: only(context.holds, (hold) => hold !== offer), declinedBy: [...context.declinedBy, offer.agentId] }\n  },\n  /** The offered',
    replace:
      '      : { queuedAt: fact.at, holds: only(context.holds, (hold) => hold !== offer), declinedBy: [...context.declinedBy, offer.agentId] }\n  },\n  /** The offered',
    killedBy: { file: 'test/core/behaviour/waiting.test.ts', title: 'is kept when an offer is declined' },
  },
  {
    name: 'who has declined is asked again',
    file: 'src/routing/barred.ts',
    find: "for (const agentId of declinedBy) barred.set(agentId, 'declined')",
    replace: '',
    killedBy: {
      file: 'test/core/behaviour/waiting.test.ts',
      title: 'that is declined goes to the next agent, and not to the same one again',
    },
  },
  {
    name: 'the seat is free before wrap-up is over',
    file: 'src/core/machine/ownership.ts',
    find: "return hold.phase === 'open' && hold.wrapUpMs > 0",
    replace: "return hold.phase === 'open' && hold.wrapUpMs > Infinity",
    killedBy: {
      file: 'test/core/behaviour/waiting.test.ts',
      title: 'F34 is held from the offer to the end of wrap-up',
    },
  },
]
