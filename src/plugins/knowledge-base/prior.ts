import { EVIDENCE } from './evidence.ts'
import type { Logistic } from './logistic.ts'
import type { Prepared } from './prepare.ts'
import { centroidWeightOf } from './voters.ts'

type Weights = { readonly [Name in (typeof EVIDENCE)[number]]?: number }

/*
 * How far evidence can be trusted before an owner's own questions say so: logistic regressions over the questions of a bank,
 * an assistant, a shop and two call centres, out-of-scope ones among them. Each of these four kinds counts alike, however
 * many questions it has; ridge .01. No embedder voted then: its weight is set by hand, as before.
 */

/** Articles with a title and at most one question. */
const TITLE_PRIOR = toLogistic(-3.639, {
  likeness: 3.447,
  logOdds: 0.091,
  probabilityLead: 0.517,
  knownShare: 0.922,
  votes: 1.031,
  unknownShare: -2.74,
  length: 0.938,
  nearest: 0.667,
  likenessLead: 0.531,
  lexicalLead: 0.223,
  corrected: -0.85,
  embedding: 2,
})

/**
 * Articles with two questions or more, where the regression votes, too. One in five of the questions it was learnt from is
 * asked anywhere and answered by no article.
 */
const ASKED_PRIOR = toLogistic(-5.763, {
  likeness: 2.37,
  logOdds: 0.222,
  probabilityLead: 1.452,
  knownShare: 0.703,
  fusedLead: 0.029,
  votes: 0.979,
  unknownShare: -3.834,
  length: 1.788,
  nearest: 1.543,
  likenessLead: 1.465,
  lexicalLead: 0.241,
  corrected: -1.129,
  belonging: 0.068,
  embedding: 2,
})

/**
 * Articles that speak through their texts: likeness to titles says little then, the words found say more. Learnt from the
 * same four, their questions made into texts, and from a help centre.
 */
const TEXT_PRIOR = toLogistic(-6.283, {
  likeness: 0.964,
  logOdds: 0.057,
  probabilityLead: 0.487,
  knownShare: 3.563,
  fusedLead: -0.082,
  votes: 0.192,
  unknownShare: 0.861,
  length: 1.457,
  nearest: 0.964,
  likenessLead: -0.816,
  lexicalLead: 3.485,
  corrected: -1.437,
  embedding: 2,
})

/** What holds in general for articles such as these, when what their questions have to teach `isLearnt`, and before. */
export function toPrior(articles: readonly Prepared[], isLearnt: boolean): Logistic {
  const share = centroidWeightOf(articles)
  const asked = isLearnt && isAsked(articles) ? ASKED_PRIOR : TITLE_PRIOR
  return {
    bias: asked.bias * share + TEXT_PRIOR.bias * (1 - share),
    weights: asked.weights.map((weight, place) => weight * share + (TEXT_PRIOR.weights[place] ?? 0) * (1 - share)),
  }
}

/** Do most articles have two questions or more? */
export function isAsked(articles: readonly Prepared[]): boolean {
  return articles.filter(({ texts }) => texts.length > 2).length >= articles.length / 2
}

function toLogistic(bias: number, weights: Weights): Logistic {
  return { bias, weights: EVIDENCE.map((name) => weights[name] ?? 0) }
}
