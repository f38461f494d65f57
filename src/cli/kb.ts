import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { type Io, printJson } from './io.ts'
import { buildMiniSearch, buildOurs } from './kb/engines.ts'
import { type Asked, type EvalReport, measure } from './kb/measure.ts'
import { readQuestions } from './kb/read-questions.ts'
import { createPaint } from './paint.ts'
import { toTable } from './kb/table.ts'
import { readCount } from './read-options.ts'

interface EvalFlags {
  readonly k: string
  readonly seed: string
  readonly typos?: true
  readonly compare?: 'minisearch'
  readonly answers?: string
  readonly json?: true
}

/** `maitred kb eval`: how good the knowledge base is on articles and questions of one's own. */
export function addKb(program: Command, io: Io): void {
  program
    .command('kb')
    .description('work on the knowledge base')
    .command('eval')
    .description('measure how often the right article is found, and how far its confidence can be trusted')
    .argument('<folder>', 'a folder with articles.jsonl, test.jsonl and perhaps train.jsonl')
    .option('--k <count>', 'alternate questions per article, drawn from train.jsonl; or `all`', 'all')
    .option('--seed <number>', 'which of them are drawn', '1')
    .option('--typos', 'with one typo in a quarter of the longer words')
    .addOption(new Option('--compare <engine>', 'measure another search beside it').choices(['minisearch']))
    .option('--answers <file>', 'write what was found for each question, one JSON object per line')
    .option('--json', 'print one object and nothing else')
    .action((folder: string, flags: EvalFlags) => evaluate(folder, flags, io))
}

async function evaluate(folder: string, flags: EvalFlags, { stdout }: Io): Promise<void> {
  const options = {
    k: flags.k === 'all' ? ('all' as const) : readCount('--k', flags.k, { from: 0, to: 1e6 }),
    seed: readCount('--seed', flags.seed, { from: 0, to: 2 ** 31 - 1 }),
    typos: flags.typos === true,
  }
  const set = readQuestions(folder)
  const { measured, asked } = await measure(buildOurs, set, options)
  const baseline = flags.compare === undefined ? undefined : (await measure(buildMiniSearch, set, options)).measured
  const oos = asked.filter(({ isOutOfScope }) => isOutOfScope).length
  const report: EvalReport = {
    set: set.name,
    k: options.k,
    n: asked.length - oos,
    oos,
    ...measured,
    ...(baseline === undefined ? {} : { baseline }),
  }
  if (flags.answers !== undefined) writeFileSync(flags.answers, toLines(asked))
  if (flags.json === true) printJson(stdout, report)
  else stdout.write(toTable(report, asked, createPaint(stdout)))
}

function toLines(asked: readonly Asked[]): string {
  return asked.map(({ isOutOfScope: _, ...each }) => `${JSON.stringify(each)}\n`).join('')
}
