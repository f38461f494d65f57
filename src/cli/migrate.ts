import type { Command } from 'commander'
import type { Store } from '../core/ports.ts'
import { BadInput } from './bad-input.ts'
import { type Io, printJson } from './io.ts'
import { loadConfig } from './load-config.ts'

interface MigrateFlags {
  readonly config: string
  readonly print?: true
  readonly json?: true
}

/** `maitred migrate`: the tables that this version needs. */
export function addMigrate(program: Command, io: Io): void {
  program
    .command('migrate')
    .description('make or upgrade the tables of the store in your configuration')
    .requiredOption('--config <file>', 'your configuration, TypeScript or JavaScript')
    .option('--print', 'print the SQL and change nothing')
    .option('--json', 'print one object and nothing else')
    .action((flags: MigrateFlags) => migrate(flags, io))
}

async function migrate({ config, print, json }: MigrateFlags, { stdout }: Io): Promise<void> {
  const store = await loadStore(config)
  if (print === true) {
    const sql = store.migration ?? ''
    if (json === true) printJson(stdout, { store: store.name, sql })
    else stdout.write(`${sql}\n`)
    return
  }
  await store.migrate()
  if (json === true) printJson(stdout, { store: store.name, migrated: true })
  else stdout.write(`The tables of the ${store.name} store are as this version needs them.\n`)
}

/** @throws BadInput for a configuration that keeps its conversations in memory */
export async function loadStore(config: string): Promise<Store> {
  const { store } = await loadConfig(config)
  if (store !== undefined) return store
  throw new BadInput(`\`${config}\` names no \`store\`: its conversations live in memory, and have no tables.`)
}
