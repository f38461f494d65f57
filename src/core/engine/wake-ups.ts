import type { Clock } from '../ports.ts'

/** One alarm for each name. What it is about is read again when it rings: these are reminders, the truth is in the store. */
export interface WakeUps {
  /** Replaces the alarm of that name; `null` calls it off. */
  set(name: string, at: number | null, ring: () => Promise<unknown>): void
  stop(): void
}

export function createWakeUps(clock: Clock, failed: (error: unknown, name: string) => void): WakeUps {
  const alarms = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  let isRunning = true

  function callOff(name: string): void {
    alarms.get(name)?.cancel()
    alarms.delete(name)
  }

  return {
    set(name, at, ring) {
      if (alarms.get(name)?.at === at) return
      callOff(name)
      if (at === null || !isRunning) return
      const cancel = clock.at(at, () => {
        alarms.delete(name)
        ring().catch((error: unknown) => {
          if (isRunning) failed(error, name)
        })
      })
      alarms.set(name, { at, cancel })
    },
    stop() {
      isRunning = false
      for (const name of [...alarms.keys()]) callOff(name)
    },
  }
}
