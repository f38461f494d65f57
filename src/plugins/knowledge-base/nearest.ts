import type { Vector } from './vectors.ts'

/** The likeness to the one text that is most alike. */
export function nearest(texts: readonly Vector[], query: Vector, featureCount: number): number {
  if (spread.length < featureCount) spread = new Float32Array(featureCount)
  for (let place = 0; place < query.ids.length; place++) spread[query.ids[place] ?? 0] = query.values[place] ?? 0
  let most = 0
  for (const { ids, values } of texts) {
    let sum = 0
    for (let place = 0; place < ids.length; place++) sum += (spread[ids[place] ?? 0] ?? 0) * (values[place] ?? 0)
    if (sum > most) most = sum
  }
  for (let place = 0; place < query.ids.length; place++) spread[query.ids[place] ?? 0] = 0
  return most
}

/** The query by the numbers of its features; all 0 between two uses. */
let spread = new Float32Array(0)
