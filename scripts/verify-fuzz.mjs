// Runs every property on examples that the tests do not draw, each time from another seed. `npm run verify:fuzz -- [--times n] [--seed first]`.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { times: { type: 'string', default: '10' }, seed: { type: 'string' }, quick: { type: 'boolean' } },
})
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 30)
const times = values.quick === true ? 1 : Number(values.times)
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
/** Files with properties in them. */
const files = [
  'property',
  'test/core/bad-input',
  'test/core/remote-store',
  'test/core/machine/chart',
  'test/core/schema',
]
let failures = 0
for (let time = 1; time <= times; time += 1) {
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--reporter=dot', ...files], {
    cwd: root,
    env: { ...process.env, PROPERTY_SEED: String(firstSeed + time) },
    stdio: ['ignore', 'ignore', 'inherit'], // what fails is told with its seed
  })
  if (status !== 0) failures += 1
  console.log(
    `fuzz: ${time} of ${times} times, seed ${firstSeed + time}, ${failures} so far with something that does not hold`,
  )
}
process.exitCode = failures > 0 ? 1 : 0
