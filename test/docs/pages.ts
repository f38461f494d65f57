import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const docs = path.resolve(import.meta.dirname, '../../docs')

/** The pages of the documentation, by file name. */
export function readPages(): ReadonlyMap<string, string> {
  return readAll(docs, '.md')
}

/** The examples they show, by file name. */
export function readExamples(): ReadonlyMap<string, string> {
  return readAll(path.join(docs, 'examples'), '.ts')
}

/** The TypeScript that a page shows. */
export function blocksIn(page: string): readonly string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
}

function readAll(folder: string, ending: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending))
  return new Map(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]))
}
