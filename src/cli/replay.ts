import type { Command } from 'commander'
import type { EngineOptions } from '../assemble.ts'
import type { Agent } from '../index.ts'
import { Failed } from './bad-input.ts'
import { demoConfig } from './demo/config.ts'
import { type Io, printJson } from './io.ts'
import { findConfig, loadConfig } from './load-config.ts'
import { createProgress, type Progress } from './progress.ts'
import { readCount, readRate } from './read-options.ts'
import { type Dialogue, readDialogues } from './replay/dialogues.ts'
import { type Played, playDialogues } from './replay/play.ts'
import { openRecord, writeRecord } from './replay/record.ts'
import { toFailures, toSummary, toTable } from './replay/summary.ts'
import { makeFolder, writeTranscripts } from './replay/write-transcripts.ts'
import { toTimeOfDay } from './transcript.ts'

interface ReplayFlags {
  readonly arrivals: string
  readonly agents?: string
  readonly capacity?: string
  readonly seed: string
  readonly limit?: string
  readonly config?: string
  readonly transcripts?: string
  readonly record?: string
  readonly json?: true
}

/** `maitred replay`: real customers' words against the configuration, a day in seconds. */
export function addReplay(program: Command, io: Io): void {
  program
    .command('replay')
    .description('play real dialogues in virtual time: customers arrive, share the agents, and are seen out')
    .argument('<dialogues.jsonl>', 'one dialogue in JSON per line: { id, turns: [{ speaker, text }] }')
    .option('--arrivals <rate>', 'how many customers come, on average', '60/h')
    .option('--agents <count>', 'how many agents serve them (5, or those of your configuration)')
    .option('--capacity <units>', 'how many conversations each agent can hold (3, or as configured)')
    .option('--seed <number>', 'for everything that is left to chance', '1')
    .option('--limit <count>', 'play only so many dialogues')
    .option(
      '--config <file>',
      'your configuration, TypeScript or JavaScript; maitred.config.ts of this folder unless said',
    )
    .option('--transcripts <folder>', 'write one readable file per conversation')
    .option('--record <file>', 'write what `maitred explain` reads: why each conversation went as it did')
    .option('--json', 'print one object and nothing else')
    .action((file: string, flags: ReplayFlags) => replay(file, flags, io))
}

async function replay(file: string, flags: ReplayFlags, io: Io): Promise<void> {
  const beganAt = performance.now()
  const gapMs = readRate('--arrivals', flags.arrivals)
  const seed = readCount('--seed', flags.seed, { from: 0, to: 2 ** 31 })
  const limit = flags.limit === undefined ? undefined : readCount('--limit', flags.limit, { from: 1, to: 1_000_000 })
  const configFile = findConfig(flags.config)
  const config = configFile === undefined ? demoConfig : await loadConfig(configFile)
  const agents = toAgents(config, flags)
  const dialogues = readDialogues(file, limit)
  if (flags.transcripts !== undefined) makeFolder(flags.transcripts)
  if (flags.record !== undefined) openRecord(flags.record)

  const progress = createProgress(io.stderr)
  const onProgress = tell(progress, dialogues)
  const isRecorded = flags.record !== undefined
  const played = await playDialogues(dialogues, { config, agents, seed, gapMs, isRecorded, onProgress })
  progress.done()
  if (flags.transcripts !== undefined) await writeTranscripts(flags.transcripts, played, agents)
  if (flags.record !== undefined) writeRecord(flags.record, played.recorded)
  const summary = toSummary(played, Math.round(performance.now() - beganAt))
  if (flags.json === true) printJson(io.stdout, summary)
  else io.stdout.write(toTable(summary, played))
  tellPluginFailures(played, io)
  const failures = toFailures(played, summary)
  if (failures.length > 0) throw new Failed(failures.join('\n'))
}

/** Those of a configuration that brings its own, unless a number is asked for; else people who know everything. */
function toAgents(config: EngineOptions, { agents, capacity }: ReplayFlags): readonly Agent[] {
  const units = capacity === undefined ? undefined : readCount('--capacity', capacity, { from: 1, to: 1_000 })
  const count = agents === undefined ? undefined : readCount('--agents', agents, { from: 1, to: 10_000 })
  const own = config.agents ?? []
  if (count === undefined && config !== demoConfig && own.length > 0)
    return units === undefined ? own : own.map((agent) => ({ ...agent, capacity: units }))
  const skills = [...new Set([...(config.skills ?? []), ...own.flatMap(skillsOf)])]
  return Array.from({ length: count ?? 5 }, (_, index): Agent => {
    const { id, name } = own[index] ?? { id: `agent-${index + 1}`, name: `Agent ${index + 1}` }
    return { id, ...(name === undefined ? {} : { name }), skills, capacity: units ?? 3 }
  })
}

function skillsOf({ skills = [] }: Agent): readonly string[] {
  return Array.isArray(skills) ? (skills as readonly string[]) : Object.keys(skills) // isArray forgets readonly lists
}

function tell(progress: Progress, dialogues: readonly Dialogue[]): Parameters<typeof playDialogues>[1]['onProgress'] {
  return ({ at, arrivedCount, closedCount }) =>
    progress.at(() => `${toTimeOfDay(at)}  ${arrivedCount} of ${dialogues.length} have come, ${closedCount} are closed`)
}

function tellPluginFailures({ pluginFailures }: Played, { stderr }: Io): void {
  const counts = new Map<string, number>()
  for (const { plugin, hook, why } of pluginFailures) {
    const what = `${plugin} ${why} in ${hook}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  for (const [what, count] of counts) stderr.write(`${what}: ${count} times\n`)
}
