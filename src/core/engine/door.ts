import type { Core } from './core.ts'

/** Whether live chat is open, told whenever that changes: by agents, by those who wait, and by the hours alone. */
export interface Door {
  /** Something has happened that may have opened or closed it. */
  look(): void
  /** From now on hours open and close it by themselves. */
  watchHours(): void
  stop(): void
}

export function createDoor(core: Core): Door {
  let known = ''
  let cancel = (): void => {}

  function look(): void {
    const availability = core.options.admit({}, [], core.clock.now())
    const now = availability.open ? 'open' : availability.reason
    if (now === known) return
    known = now
    core.board.tell({ type: 'availability.changed', at: core.clock.now(), availability })
  }

  function watchHours(): void {
    const next = core.options.hoursChangeAt(core.clock.now())
    if (next === undefined) return
    cancel = core.clock.at(next, () => {
      look()
      watchHours()
    })
  }

  return { look, watchHours, stop: () => cancel() }
}
