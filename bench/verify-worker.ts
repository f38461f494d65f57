import { parentPort } from 'node:worker_threads'
import { parsePolicy } from '../src/simulation/policy.ts'
import type { Scenario } from '../src/simulation/scenario.ts'
import { runOnce } from '../src/simulation/study.ts'
import { allBands, quickBands, runBand } from './verify/bands.ts'
import type { Job } from './verify/jobs.ts'
import { compareWaits } from './verify/kiefer-wolfowitz.ts'

/** What each kind of job does. */
const KINDS: Readonly<Record<string, (about: never) => unknown>> = {
  waits: (about: { readonly seed: number; readonly conversations: number }) => compareWaits(about),
  band: ({ index, seed, isQuick }: { readonly index: number; readonly seed: number; readonly isQuick: boolean }) => {
    const band = (isQuick ? quickBands() : allBands())[index]
    if (band === undefined) throw new Error(`there is no band ${index}`)
    return runBand(band, seed)
  },
  run: (about: {
    readonly scenario: Scenario
    readonly policy: string
    readonly seed: number
    readonly conversations: number
  }) => runOnce(about.scenario, parsePolicy(about.policy), about),
}

parentPort?.on('message', ({ kind, about }: Job) => {
  const work = KINDS[kind]
  if (work === undefined) throw new Error(`there is no job of kind ${kind}`)
  parentPort?.postMessage(work(about as never)) // each kind is sent what it takes
})
