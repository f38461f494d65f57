import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Store } from '../../index.ts'
import { type SqliteHandle, memoryStore, sqliteStore } from '../../stores/index.ts'

/** Where the demo keeps its conversations, and what to say about it. */
export interface Kept {
  readonly store: Store
  readonly about: string
}

/** A file, through the driver that is there: the prebuilt `libsql`, or Node's own. Without one, memory. */
export async function openKeep(file: string): Promise<Kept> {
  const open = (await driver('libsql')) ?? (await driver('node:sqlite'))
  if (open === undefined)
    return {
      store: memoryStore(),
      about: 'Kept in memory: run `npm install libsql` to keep conversations over restarts.',
    }
  mkdirSync(path.dirname(file), { recursive: true })
  return { store: sqliteStore(open(file)), about: `Conversations are kept in ${file}.` }
}

/** The name is not written at the import, so that nothing tries to bundle a driver. */
async function driver(name: string): Promise<((file: string) => SqliteHandle) | undefined> {
  const loaded: unknown = await import(name).catch(() => undefined)
  const { default: Database, DatabaseSync } = (loaded ?? {}) as {
    readonly default?: new (file: string) => SqliteHandle
    readonly DatabaseSync?: new (file: string) => SqliteHandle
  }
  const Driver = DatabaseSync ?? Database
  return typeof Driver === 'function' ? (file) => new Driver(file) : undefined
}
