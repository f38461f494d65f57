import { readFileSync } from 'node:fs'
import { parseScenario, type ReadScenario } from '../simulation/parse-scenario.ts'
import { BadInput } from './bad-input.ts'

/**
 * Reads a scenario file.
 * @throws BadInput, and MaitredError with the path of what is wrong in it
 */
export function readScenario(file: string): ReadScenario {
  const text = readText(file)
  if (text.trim() === '') throw new BadInput(`Expected a scenario in \`${file}\`, got an empty file.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BadInput(`Expected JSON in \`${file}\`: ${String(error).replace(/\s+/g, ' ')}`, { cause: error })
  }
  return parseScenario(value)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`Expected a scenario at \`${file}\`, which cannot be read: ${String(error)}`, { cause: error })
  }
}
