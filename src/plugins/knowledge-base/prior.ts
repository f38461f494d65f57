import { EVIDENCE } from './evidence.ts'
import type { Logistic } from './logistic.ts'
import type { Prepared } from './prepare.ts'
import { centroidWeightOf } from './voters.ts'

type Weights = { readonly [Name in (typeof EVIDENCE)[number]]?: number }

/*
 * How far evidence can be trusted before an owner's own questions say so: logistic regressions over the questions of a bank,
 * an assistant, a shop and two call centres, out-of-scope ones among them. Each of these four kinds counts alike, however
 * many questions it has; ridge .01. What evidence is used was chosen by how well three of the kinds foretell the fourth.
 * No embedder voted then: its weight is set by hand.
 */

/** Articles with a title and at most one question, before the regression votes. */
const TITLE_PRIOR = toLogistic(-1.333, {
  logOdds: 0.462,
  votes: 1.124,
  knownShare: 1.48,
  unknownShare: -2.643,
  length: 0.771,
  lexicalLead: 0.244,
  corrected: -1.217,
  embedding: 2,
})

/** Articles with one question, where it does vote, but there is nothing to hide and ask. */
const FEW_PRIOR = toLogistic(-0.287, {
  logOdds: 0.793,
  votes: 0.969,
  knownShare: 0.412,
  unknownShare: -2.251,
  length: 0.585,
  lexicalLead: 0.487,
  corrected: -1.739,
  embedding: 2,
})

/** Articles with two questions or more. One in five of those it was learnt from is asked anywhere and answered by no article. */
const ASKED_PRIOR = toLogistic(-3.845, {
  logOdds: 0.55,
  votes: 1.345,
  knownShare: 0.513,
  unknownShare: -2.588,
  length: 1.171,
  nearestLead: 2.434,
  lexical: 0.456,
  lexicalLead: 0.085,
  corrected: -1.1,
  belonging: 0.089,
  embedding: 2,
})

/**
 * Articles that speak through their texts: likeness to titles says little then, the words found say more. Learnt from the
 * same four, their questions made into texts, and from a help centre.
 */
const TEXT_PRIOR = toLogistic(-6.726, {
  logOdds: 0.148,
  votes: 0.266,
  knownShare: 2.353,
  unknownShare: 1.84,
  length: 0.283,
  nearestLead: -0.289,
  lexical: 1.334,
  lexicalLead: 2.603,
  corrected: -1.449,
  embedding: 2,
})

/** What holds in general for articles such as these, when what their questions have to teach `isLearnt`, and before. */
export function toPrior(articles: readonly Prepared[], isLearnt: boolean): Logistic {
  const told = 1 - centroidWeightOf(articles)
  const share = 1 - told * told // where titles say a good part, evidence is as if they said nearly all
  const asked = isLearnt ? pickLearnt(articles) : TITLE_PRIOR
  return {
    bias: asked.bias * share + TEXT_PRIOR.bias * (1 - share),
    weights: asked.weights.map((weight, place) => weight * share + (TEXT_PRIOR.weights[place] ?? 0) * (1 - share)),
  }
}

function pickLearnt(articles: readonly Prepared[]): Logistic {
  if (isAsked(articles)) return ASKED_PRIOR
  return mostHave(articles, 1) ? FEW_PRIOR : TITLE_PRIOR
}

/** Do most articles have two questions or more? */
export function isAsked(articles: readonly Prepared[]): boolean {
  return mostHave(articles, 2)
}

function mostHave(articles: readonly Prepared[], questionCount: number): boolean {
  return articles.filter(({ texts }) => texts.length > questionCount).length >= articles.length / 2
}

function toLogistic(bias: number, weights: Weights): Logistic {
  return { bias, weights: EVIDENCE.map((name) => weights[name] ?? 0) }
}
