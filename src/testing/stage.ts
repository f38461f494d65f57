import type { Engine } from '../core/engine/engine-api.ts'
import type { TenantStore } from '../core/ports.ts'
import type { Seat } from './seats.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What simulated people work with. */
export interface Stage {
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly store: TenantStore
  seatOf(agentId: string): Seat
  /** Called whenever something may have changed, to look again. */
  onSettled(look: () => Promise<void>): void
  /** Waits until nothing more can happen without time moving, then checks the invariants. */
  settle(): Promise<void>
  /** Does something and waits until it has settled; what it came to may still be open if a plugin keeps it waiting. */
  act<Result>(action: () => Promise<Result>): Promise<Result | undefined>
}
