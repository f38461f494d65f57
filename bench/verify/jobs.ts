import { Worker } from 'node:worker_threads'
import { availableParallelism } from 'node:os'

/** Work for another thread: plain data both ways. */
export interface Job {
  readonly kind: string
  readonly about: unknown
}

/** Does all jobs on as many threads as there are cores; the results come back in their order, each told as it comes. */
export async function doJobs<Result>(
  jobs: readonly Job[],
  onResult: (result: Result, index: number) => void,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./verify-worker.mjs', import.meta.url))
    let settle: { resolve(result: Result): void; reject(error: Error): void } | undefined
    worker.on('message', (result: Result) => settle?.resolve(result))
    worker.on('error', (error: Error) => settle?.reject(error))
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const reply = new Promise<Result>((resolve, reject) => {
          settle = { resolve, reject }
        })
        worker.postMessage(jobs[index])
        onResult(await reply, index)
      }
    } finally {
      await worker.terminate()
    }
  }
  const count = Math.max(1, Math.min(jobs.length, availableParallelism()))
  await Promise.all(Array.from({ length: count }, work))
}
