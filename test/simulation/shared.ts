import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Reference workloads and figures, kept beside the repository. */
const folder = path.resolve(import.meta.dirname, '../../../shared/scenarios')

/** `undefined` when the folder is not there. */
export function readShared(name: string): unknown {
  const file = path.join(folder, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
