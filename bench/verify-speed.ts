import { measureSpeed } from './verify/speed.ts'

// In a process of its own: `node verify-speed.mjs <rounds> <conversations>` prints what `measureSpeed` has found, as JSON.
const [rounds = 15, conversations = 50_000] = process.argv.slice(2).map(Number)
process.stdout.write(JSON.stringify(measureSpeed(rounds, conversations)))
