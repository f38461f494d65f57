import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const file = path.resolve(import.meta.dirname, '../bench/RESULTS.md')

/**
 * Replaces one section of bench/RESULTS.md, or adds it.
 * @param {string} name
 * @param {string} markdown
 */
export function writeSection(name, markdown) {
  const [begin, end] = [`<!-- section:${name} -->`, `<!-- /section:${name} -->`]
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '# Results\n'
  const section = `${begin}\n\n${markdown.trim()}\n\n${end}`
  const from = text.indexOf(begin)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(
    file,
    from < 0
      ? `${text.trimEnd()}\n\n${section}\n`
      : text.slice(0, from) + section + text.slice(text.indexOf(end) + end.length),
  )
}
