import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

/** A folder that is gone after the tests, and the way to put a file into it. */
export function makeTemporaryFolder(name: string): {
  readonly folder: string
  write(file: string, content: string): string
} {
  const folder = mkdtempSync(path.join(tmpdir(), `maitred-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return {
    folder,
    write(file, content) {
      const written = path.join(folder, file)
      writeFileSync(written, content)
      return written
    },
  }
}
