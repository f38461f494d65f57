// Keeps bench/RESULTS.md: every check writes a section of its own, and leaves the others as they are.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'

const HEAD = `# Results

What was measured, by which command, on which machine. Each section is written by its own command; absolute times belong to the machine,
ratios do not.
`

/**
 * Puts a section in place of the one of that name, or at the end.
 * @param {string} file
 * @param {string} name
 * @param {string} body Markdown, without the heading's machine line
 */
export function writeSection(file, name, body) {
  const [begin, end] = [`<!-- section:${name} -->`, `<!-- /section:${name} -->`]
  const text = existsSync(file) ? readFileSync(file, 'utf8') : HEAD
  const section = `${begin}\n${body.trim()}\n${end}`
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  const written =
    from >= 0 && to > from
      ? text.slice(0, from) + section + text.slice(to + end.length)
      : `${text.trimEnd()}\n\n${section}\n`
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, written)
  // As the house formats, so that a measurement leaves nothing to mend. Without the formatter the figures stand there all the same.
  spawnSync('npx', ['--no-install', 'biome', 'format', '--write', file], { stdio: 'ignore' })
}

/**
 * On what, and by what: the line under a section's heading.
 * @param {string} command
 */
export function describeRun(command) {
  const [cpu] = cpus()
  const speed = cpu === undefined || cpu.speed === 0 ? '' : `, ${(cpu.speed / 1_000).toFixed(1)} GHz`
  return `\`${command}\` · Node ${process.version} · ${process.platform} ${process.arch}, ${cpus().length} cores${speed}`
}
