import { EVIDENCE } from './evidence.ts'
import type { Logistic } from './logistic.ts'
import type { Prepared } from './prepare.ts'
import { centroidWeightOf } from './voters.ts'

type Weights = { readonly [Name in (typeof EVIDENCE)[number]]?: number }

/**
 * How far evidence can be trusted where an owner's own questions cannot tell: learnt from articles that had a title and
 * at most one question, over shops, banks, insurers and assistants.
 */
export const PRIOR = toLogistic(-4.885, {
  likeness: 5.388,
  probabilityLead: 0.599,
  knownShare: 0.524,
  votes: 1.265,
  unknownShare: -2.692,
  length: 0.965,
  nearest: 1.47,
  likenessLead: 0.798,
  lexicalLead: 0.633,
  corrected: -0.5,
  embedding: 2,
})

/** The same where articles speak through their texts: likeness to titles says little then, the words found say more. */
const TEXT_PRIOR = toLogistic(-1.8, { knownShare: 2, votes: 0.5, lexicalLead: 1.5, corrected: -0.5, embedding: 2 })

/** What holds in general for articles such as these. */
export function toPrior(articles: readonly Prepared[]): Logistic {
  const share = centroidWeightOf(articles)
  return {
    bias: PRIOR.bias * share + TEXT_PRIOR.bias * (1 - share),
    weights: PRIOR.weights.map((weight, place) => weight * share + (TEXT_PRIOR.weights[place] ?? 0) * (1 - share)),
  }
}

function toLogistic(bias: number, weights: Weights): Logistic {
  return { bias, weights: EVIDENCE.map((name) => weights[name] ?? 0) }
}
