import type { Distribution } from './scenario.ts'

/** Draws between 0 and 1, without 0. */
export type Stream = () => number

/**
 * sfc32 by C. Doty-Humphrey: 128 bits of state, so that streams of millions of draws do not meet. Seeded by a hash of the numbers; the
 * same numbers give the same draws.
 */
export function createStream(...seeds: readonly number[]): Stream {
  let [a, b, c, counter] = toState(seeds)
  const next: Stream = () => {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + drawn
    return ((drawn >>> 0) + 0.5) / 4_294_967_296
  }
  for (let warming = 0; warming < 12; warming++) next()
  return next
}

/** Draws from a distribution. Each takes a fixed number of draws from the stream, so that the n-th is the same whatever was done in between. */
export function createSampler({ mean, distribution = 'exponential', cv = 1 }: Distribution, stream: Stream): Stream {
  switch (distribution) {
    case 'exponential':
      return () => -mean * Math.log(stream())
    case 'deterministic':
      return () => mean
    case 'erlang2':
      return () => (-mean / 2) * Math.log(stream() * stream())
    case 'lognormal': {
      const variance = Math.log(1 + cv ** 2)
      const [middle, spread] = [Math.log(mean) - variance / 2, Math.sqrt(variance)]
      return () => Math.exp(middle + spread * normal(stream))
    }
  }
}

/** G. Box and M. Muller (1958). */
function normal(stream: Stream): number {
  return Math.sqrt(-2 * Math.log(stream())) * Math.cos(2 * Math.PI * stream())
}

function toState(seeds: readonly number[]): [number, number, number, number] {
  const word = (salt: number): number => seeds.reduce((mixed, seed) => mix(mixed ^ mix((seed + 0x9e3779b9) | 0)), salt)
  return [word(0x243f6a88), word(0x85a308d3), word(0x13198a2e), 1]
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return mixed ^ (mixed >>> 15)
}
