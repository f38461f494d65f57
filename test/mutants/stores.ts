import type { Mutant } from './mutant.ts'

const cases = 'test/stores/memory-store.test.ts'
const onSqlite = 'test/stores/sqlite-store.test.ts'
const nodes = 'test/stores/nodes/nodes.test.ts'
const interleavings = 'test/stores/nodes/interleavings.test.ts'

/** Faults of stores and of what several nodes share. Chaos alone lets some of them pass; each is killed by a test that is the same every time. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no version is checked in memory',
    file: 'src/core/memory/memory-store.ts',
    find: 'if ((kept === undefined ? 0 : versionOf(kept.row)) !== expect) return',
    replace: 'if ((kept === undefined ? 0 : versionOf(kept.row)) < expect) return',
    killedBy: { file: cases, title: 'refuses a commit computed from an older version, and keeps nothing of it' },
  },
  {
    name: 'no version is checked in SQLite',
    file: 'src/stores/sqlite-commit.ts',
    find: "if (((known?.version as number | undefined) ?? 0) !== expect) return { status: 'conflict' }",
    replace: '',
    killedBy: {
      file: onSqlite,
      title: 'takes one of many commits computed from the same version',
    },
  },
  {
    name: 'no epoch is checked',
    file: 'src/core/memory/memory-store.ts',
    find: 'leases.get(name)?.epoch === epoch',
    replace: 'leases.has(name)',
    killedBy: { file: cases, title: 'takes a fenced commit from the holder of the lease, and from nobody else' },
  },
  {
    name: 'the key is not in the same commit',
    file: 'src/stores/sqlite-commit.ts',
    find: 'if (commit.key !== undefined && (row !== undefined || expect > 0)) {',
    replace: 'if (commit.key !== undefined && row === undefined) {',
    killedBy: { file: onSqlite, title: 'answers a used key with the first result' },
  },
  {
    name: 'the outbox is written outside the commit',
    file: 'src/core/memory/memory-store.ts',
    find: 'const judged = judge(commit, kept)\n',
    replace: 'outbox.add(commit.outbox)\n      const judged = judge(commit, kept)\n',
    killedBy: { file: cases, title: 'refuses a commit computed from an older version, and keeps nothing of it' },
  },
  {
    name: 'a seat is released before the commit is judged',
    file: 'src/core/memory/memory-store.ts',
    find: 'const judged = judge(commit, kept)\n',
    replace:
      "ledger.apply(commit.slots.filter(({ op }) => op === 'release'), { conversationId: commit.id, at: commit.at })\n      const judged = judge(commit, kept)\n",
    killedBy: { file: cases, title: 'keeps no seat of a list of which a later one is refused' },
  },
  {
    name: 'the capacity guard of SQLite is off',
    file: 'src/stores/sqlite-commit.ts',
    find: 'if (isFull && slot.units > held && !isForced)',
    replace: 'if (isFull && slot.units < 0)',
    killedBy: { file: onSqlite, title: 'gives 10 agents with 3 seats each exactly 30 of 50' },
  },
  {
    name: 'a duplicate result is not stored',
    file: 'src/core/memory/shelf.ts',
    find: 'kept.keys.set(commit.key.name, deepFreeze(commit.key.result))',
    replace: '',
    killedBy: { file: interleavings, title: 'one command under one key is done once' },
  },
  {
    name: 'a lease passes to another without a new epoch',
    file: 'src/core/memory/memory-store.ts',
    find: '(known?.epoch ?? 0) + 1',
    replace: '(known?.epoch ?? 1)',
    killedBy: { file: interleavings, title: 'is not made' },
  },
  {
    name: 'timers are kept in memory alone',
    file: 'src/core/engine/nodes/node.ts',
    find: "if (does('timers')) duties.noteTimers(await core.store().nextDueAt())",
    replace: '',
    killedBy: { file: nodes, title: 'keep the timers of one that is gone, at the time they were due' },
  },
  {
    name: 'the lease is trusted, and the timer carries no fence',
    file: 'src/core/engine/alarms.ts',
    find: ", core.node.fence('timers'))",
    replace: ')',
    killedBy: { file: interleavings, title: 'is not made' },
  },
  {
    name: 'the lease is trusted, and the offer carries no fence',
    file: 'src/core/engine/matching.ts',
    find: "yield* turn(event, core.node.fence('matching'))",
    replace: 'yield* turn(event)',
    killedBy: { file: interleavings, title: 'is not made' },
  },
  {
    name: 'every node matches',
    file: 'src/core/engine/matching.ts',
    find: "if (!core.node.does('matching')) {",
    replace: 'if (clock.now() < 0) {',
    killedBy: { file: nodes, title: 'make offers at one node at a time' },
  },
  {
    name: 'nobody asks what others have written',
    file: 'src/core/engine/nodes/node.ts',
    find: "repeat('what others write', pollMs, look)",
    replace: '',
    killedBy: { file: nodes, title: 'show a customer at one node what is said at another' },
  },
  {
    name: 'leases are not handed over',
    file: 'src/core/engine/nodes/leases.ts',
    find: 'ttlMs: 0 })',
    replace: 'ttlMs })',
    killedBy: { file: nodes, title: 'hand their work over at once when they are stopped' },
  },
  {
    name: 'a delivery is free for everybody at once',
    file: 'src/core/engine/nodes/node.ts',
    find: 'heldUntil: (at) => at + leaseMs,',
    replace: 'heldUntil: () => undefined,',
    killedBy: { file: interleavings, title: 'leave a delivery that takes long to the node that makes it' },
  },
  {
    name: 'what a node has searched for dies with it',
    file: 'src/core/engine/nodes/owed.ts',
    find: 'if (isLate) about.startEffect(id, effect)',
    replace: '',
    killedBy: { file: nodes, title: 'deliver what a node that is gone has owed, once, and search' },
  },
  {
    name: 'each node goes by its own clock',
    file: 'src/core/engine/nodes/store-clock.ts',
    find: 'aheadMs = measured',
    replace: 'aheadMs = 0',
    killedBy: { file: interleavings, title: 'judge what is due on the time of the store' },
  },
  {
    name: 'a turn that lost a race is not run again',
    file: 'src/core/turn/run-turn.ts',
    find: 'const MAX_TRIES = 10',
    replace: 'const MAX_TRIES = 1',
    killedBy: { file: interleavings, title: 'both messages are kept, each once, in one order' },
  },
  {
    name: 'nobody finds out what a commit whose answer was lost has left undone',
    file: 'src/core/engine/settling.ts',
    find: "if (isMaitredError(error, 'STORE_UNAVAILABLE'))",
    replace: "if (isMaitredError(error, 'STORE_VERSION'))",
    killedBy: {
      file: 'test/core/remote-store.test.ts',
      title: 'searches, offers and times out what it was owed, though the answer of the commit was lost',
    },
  },
]
