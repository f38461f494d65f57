import { SLICE_OPERATIONS, type Work } from './slices.ts'
import { nodeCrypto } from '../../core/node-crypto.ts'

type Numbers = Int32Array | Float32Array | Float64Array

/** Puts lists of numbers and words behind one another. */
export interface Packer {
  numbers(values: Numbers): void
  words(values: Iterable<string>): Work<void>
  /** All of it, sealed, so that a broken file is noticed. `about` are 32 bytes to know it by. */
  seal(about: Uint8Array): Work<Uint8Array<ArrayBuffer>>
}

/** Takes them out in the order in which they were put in. The numbers lie in the bytes that were given. */
export interface Unpacker {
  ints(): Int32Array
  floats(): Float32Array
  doubles(): Float64Array
  words(): Work<readonly string[]>
}

const HASH_BYTES = 32
/** Format, seal, and what it is about. */
const HEAD_BYTES = 8 + 2 * HASH_BYTES
const MARK = 0x6d_74_72_01
const WORDS_AT_ONCE = 4_096
const HASHED_AT_ONCE = 256 * 1024

export function createPacker(): Packer {
  const pieces: Uint8Array[] = []
  const add = (bytes: Uint8Array): void => {
    const head = new Uint8Array(8)
    new DataView(head.buffer).setUint32(0, bytes.byteLength, true)
    pieces.push(head, bytes, new Uint8Array(padding(bytes.byteLength)))
  }
  return {
    numbers: (values) => add(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    *words(values) {
      let some: string[] = []
      const chunks: string[] = []
      for (const word of values) {
        some.push(word)
        if (some.length < WORDS_AT_ONCE) continue
        chunks.push(some.join('\n'))
        some = []
        yield SLICE_OPERATIONS
      }
      if (some.length > 0) chunks.push(some.join('\n'))
      add(new Uint8Array(Int32Array.of(chunks.length).buffer))
      for (const chunk of chunks) {
        add(new TextEncoder().encode(chunk))
        yield SLICE_OPERATIONS
      }
    },
    *seal(about) {
      const sealed = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, HEAD_BYTES))
      let at = HEAD_BYTES
      for (const piece of pieces) {
        sealed.set(piece, at)
        at += piece.byteLength
        yield piece.byteLength / 16
      }
      sealed.set(about, 8 + HASH_BYTES)
      sealed.set(yield* hash(sealed.subarray(8 + HASH_BYTES)), 8)
      new DataView(sealed.buffer).setUint32(0, MARK, true)
      return sealed
    },
  }
}

/** Nothing when the bytes are about something else, or are not as they were sealed. */
export function* openPacked(given: Uint8Array, about: Uint8Array): Work<Unpacker | undefined> {
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice() // numbers must lie where numbers may lie
  if (bytes.byteLength < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MARK || !isSame(bytes.subarray(8 + HASH_BYTES, HEAD_BYTES), about)) return undefined
  if (!isSame(yield* hash(bytes.subarray(8 + HASH_BYTES)), bytes.subarray(8, 8 + HASH_BYTES))) return undefined
  let at = HEAD_BYTES
  const next = (size: number): [buffer: ArrayBufferLike, from: number, count: number] => {
    const length = view.getUint32(at, true)
    const from = at + 8
    at = from + length + padding(length)
    return [bytes.buffer, bytes.byteOffset + from, length / size]
  }
  return {
    ints: () => new Int32Array(...next(4)),
    floats: () => new Float32Array(...next(4)),
    doubles: () => new Float64Array(...next(8)),
    *words() {
      const [chunkCount = 0] = new Int32Array(...next(4))
      const words: string[] = []
      for (let chunk = 0; chunk < chunkCount; chunk++) {
        const text = new TextDecoder().decode(new Uint8Array(...next(1)))
        for (const word of text.split('\n')) words.push(word)
        yield SLICE_OPERATIONS
      }
      return words
    },
  }
}

/** 32 bytes that stand for the texts, in their order. */
export function* hashTexts(texts: Iterable<string>): Work<Uint8Array> {
  const sum = nodeCrypto().createHash('sha256')
  let length = 0
  for (const text of texts) {
    sum.update(text).update('\0')
    length += text.length
    if (length < HASHED_AT_ONCE) continue
    yield SLICE_OPERATIONS
    length = 0
  }
  return sum.digest()
}

function* hash(bytes: Uint8Array): Work<Uint8Array> {
  const sum = nodeCrypto().createHash('sha256')
  for (let from = 0; from < bytes.byteLength; from += HASHED_AT_ONCE) {
    sum.update(bytes.subarray(from, from + HASHED_AT_ONCE))
    yield SLICE_OPERATIONS
  }
  return sum.digest()
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place])
}

function padding(length: number): number {
  return (8 - (length % 8)) % 8
}
