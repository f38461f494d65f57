import { run } from './run.ts'

// Whoever reads may go before everything is written: `maitred start | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await run(process.argv.slice(2), process)
// What a configuration has opened, a pool or a timer, is no reason to stay. What was written is read first.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
)
process.exit()
