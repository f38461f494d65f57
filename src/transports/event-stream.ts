import type { Clock } from '../core/ports.ts'

/** One frame of an event stream. Only frames with an `id` can be gone on from; the others are never repeated. */
export interface Frame {
  readonly id?: string
  readonly event: string
  readonly data: object
}

export interface Streaming {
  readonly clock: Clock
  /** A sign of life every so often, so that both sides notice a line that is dead. */
  readonly heartbeatMs: number
  /** The stream ends by then, and the reader comes again: with a token that still holds. */
  readonly lifetimeMs: number
  /** The reader is there: at the beginning, and at every beat that was read. */
  onBeat(): void
  /** Called once, however it ends. */
  onEnd(): void
}

/** Beats that a reader may leave unread before they count as gone. */
const PATIENCE = 4
const RETRY_MS = 2_000

/**
 * Frames as `text/event-stream`. The reader sets the pace: the next frame is asked for when the last one has gone.
 * `frames` must end when `abort` is called.
 */
export function toEventStream(
  frames: AsyncIterator<Frame>,
  abort: () => void,
  { clock, heartbeatMs, lifetimeMs, onBeat, onEnd }: Streaming,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const endsAt = clock.now() + lifetimeMs
  let callOff = (): void => {}
  let isOver = false
  let unreadBeats = 0

  function end(): void {
    if (isOver) return
    isOver = true
    callOff()
    abort()
    frames.return?.().catch(() => {}) // it is over either way
    onEnd()
  }

  function beat(controller: ReadableStreamDefaultController<Uint8Array>): void {
    callOff = clock.at(clock.now() + heartbeatMs, () => {
      if (isOver) return
      unreadBeats = (controller.desiredSize ?? 0) < 0 ? unreadBeats + 1 : 0
      if (unreadBeats >= PATIENCE || clock.now() >= endsAt) {
        end()
        controller.close()
        return
      }
      if (unreadBeats === 0) onBeat()
      controller.enqueue(encoder.encode(':\n\n'))
      beat(controller)
    })
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onBeat()
        controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`))
        beat(controller)
      },
      async pull(controller) {
        try {
          const next = await frames.next()
          if (isOver) return
          if (next.done !== true) return controller.enqueue(encoder.encode(toText(next.value)))
          end()
          controller.close()
        } catch (error) {
          if (isOver) return
          end()
          controller.error(error)
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}

function toText({ id, event, data }: Frame): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no', // some proxies would gather it up
}
