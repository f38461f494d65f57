export interface Frame {
  /** Where to go on from. */
  readonly id?: string
  readonly event: string
  readonly data: unknown
}

/** The server shows that it lives every 15 s. */
const SILENCE_MS = 40_000

/** Reads an event stream; calls `stop` when nothing at all comes for too long. */
export async function* readEvents(body: ReadableStream<Uint8Array>, stop: () => void): AsyncGenerator<Frame> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (let rest = ''; ; ) {
    const watchdog = setTimeout(stop, SILENCE_MS)
    const { done, value } = await reader.read().finally(() => clearTimeout(watchdog))
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    yield* blocks.flatMap(toFrame)
  }
}

function toFrame(block: string): readonly Frame[] {
  const [id, event, data] = ['id', 'event', 'data'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1])
  if (event === undefined || data === undefined) return [] // a comment: it lives
  return [{ event, data: JSON.parse(data) as unknown, ...(id === undefined ? {} : { id }) }]
}
