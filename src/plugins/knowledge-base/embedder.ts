import type { Clock, Log } from '../../core/ports.ts'
import type { Article, Awaitable } from '../../core/types.ts'
import { cut } from './normalise.ts'

/** Turns texts into vectors: texts of the same meaning into vectors of nearly the same direction. */
export interface Embedder {
  /** Names the model, for logs and for saved indexes: those of another name are not used. */
  readonly name: string
  /** One vector per text, in the same order, all of the same length. */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>
}

/** An embedder that may fail or be slow: then there is no vector, and the other voters answer. */
export interface Embedding {
  readonly name: string
  /** Vectors of length 1, or nothing when it failed, which is told to the log. */
  embedArticles(articles: readonly Article[]): Promise<readonly Float32Array[] | undefined>
  /** Nothing when it takes longer than half a second. */
  embedQuery(text: string): Promise<Float32Array | undefined>
}

export interface EmbeddingServices {
  readonly log: Log
  readonly clock: Pick<Clock, 'now' | 'at'>
}

const BATCH = 64
/** What an article is about is said at its beginning. */
const TEXT_LENGTH = 1_000
const QUESTIONS = 8
const QUERY_MS = 500
const BATCH_MS = 30_000

export function createEmbedding(embedder: Embedder, { log, clock }: EmbeddingServices): Embedding {
  const { name } = embedder
  async function tryEmbed(texts: readonly string[], mostMs: number): Promise<readonly Float32Array[] | undefined> {
    try {
      const vectors = await within(clock, mostMs, embedder.embed(texts))
      return parseVectors(vectors, texts.length)
    } catch (error) {
      log.warn({ embedder: name, error }, `the embedder ${name} failed; the other voters answer`)
      return undefined
    }
  }

  return {
    name,
    async embedArticles(articles) {
      const texts = articles.map(toText)
      const all: Float32Array[] = []
      for (let from = 0; from < texts.length; from += BATCH) {
        const some = await tryEmbed(texts.slice(from, from + BATCH), BATCH_MS)
        if (some === undefined || some[0]?.length !== (all[0] ?? some[0])?.length) return undefined
        all.push(...some)
      }
      return all
    },
    embedQuery: (text) => tryEmbed([text], QUERY_MS).then((vectors) => vectors?.[0]),
  }
}

function toText({ title, text, questions = [] }: Article): string {
  return [title, ...questions.slice(0, QUESTIONS), cut(text, TEXT_LENGTH)].join('\n')
}

/** @throws Error when the time is over first */
function within<Value>(clock: EmbeddingServices['clock'], mostMs: number, value: Awaitable<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(clock.now() + mostMs, () => reject(new Error(`no answer within ${mostMs} ms`)))
    Promise.resolve(value).then(resolve, reject).finally(cancel)
  })
}

/** @throws Error when there is not one vector of numbers per text */
function parseVectors(vectors: unknown, count: number): readonly Float32Array[] {
  if (!Array.isArray(vectors) || vectors.length !== count)
    throw new Error(`expected ${count} vectors, got ${Array.isArray(vectors) ? vectors.length : typeof vectors}`)
  const length = sizeOf(vectors[0])
  return vectors.map((vector: unknown) => {
    if (sizeOf(vector) !== length || length === 0) throw new Error('expected vectors of one length, more than 0')
    const values = Float32Array.from(vector as ArrayLike<number>) // its numbers are checked by their sum
    const size = Math.hypot(...values)
    if (!Number.isFinite(size)) throw new Error('expected vectors of finite numbers')
    return size === 0 ? values : values.map((value) => value / size)
  })
}

function sizeOf(vector: unknown): number {
  return Array.isArray(vector) || vector instanceof Float32Array || vector instanceof Float64Array ? vector.length : 0
}
