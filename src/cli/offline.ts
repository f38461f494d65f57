import type { EngineOptions } from '../assemble.ts'
import type { Channel } from '../index.ts'

/** A configuration that can be tried without reaching anybody: kept in memory, with channels that deliver nowhere. */
export function toOffline({ store: _store, channels, ...rest }: EngineOptions): EngineOptions {
  return { ...rest, ...(channels === undefined ? {} : { channels: channels.map(toMuted) }) }
}

function toMuted({ name }: Channel): Channel {
  return { name, deliver: () => Promise.resolve('sent') }
}
