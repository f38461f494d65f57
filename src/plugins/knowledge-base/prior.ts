import { EVIDENCE } from './evidence.ts'
import type { Logistic } from './logistic.ts'
import type { Prepared } from './prepare.ts'
import type { Trust } from './trust.ts'
import { centroidWeightOf } from './voters.ts'

type Weights = { readonly [Name in (typeof EVIDENCE)[number]]?: number }

/*
 * How far evidence can be trusted before an owner's own questions say so: logistic regressions over the questions of a bank,
 * an assistant, a shop and two call centres, out-of-scope ones among them. Each of these four kinds counts alike, however
 * many questions it has; ridge .001. What evidence is used was chosen by how well three of the kinds foretell the fourth.
 * No embedder voted then: its weight is set by hand.
 */

/** Articles with a title and at most one question, before the regression votes. */
const TITLE_PRIOR = toLogistic(-2.947, {
  logOdds: 0.558,
  knownShare: 3.991,
  length: 0.952,
  embedding: 2,
})

/** Articles with one question, where it does vote, but there is nothing to hide and ask. */
const FEW_PRIOR = toLogistic(-0.462, {
  logOdds: 0.703,
  votes: 0.586,
  knownShare: -0.543,
  knownLead: 1.364,
  unknownShare: -4.224,
  length: 1.13,
  titleLead: 3.122,
  lexicalLead: 0.232,
  corrected: -1.055,
  embedding: 2,
})

/**
 * Articles with two questions or more. One in five of those it was learnt from is asked anywhere and answered by no article,
 * and a third are misspelt here and there.
 */
const ASKED_PRIOR = toLogistic(-3.398, {
  logOdds: 0.819,
  votes: 1.165,
  knownShare: -0.256,
  unknownShare: -3.8,
  unheard: -1.113,
  length: 1.513,
  nearestLead: 1.9,
  lexical: 0.407,
  lexicalLead: 0.216,
  corrected: -0.528,
  belonging: 0.015,
  embedding: 2,
})

/**
 * Articles that speak through their texts: likeness to titles says little then, the words found say more. Learnt from the
 * same four, their questions made into texts, and from a help centre; some of what was asked is misspelt here and there.
 */
const TEXT_PRIOR = toLogistic(-6.37, {
  logOdds: 0.308,
  votes: 0.842,
  rank: 0.933,
  knownShare: 0.851,
  knownLead: 2.617,
  unknownShare: 1.519,
  unheard: -1.059,
  lexical: 1.674,
  lexicalLead: 0.968,
  corrected: -0.397,
  embedding: 2,
})

/** What holds in general for articles such as these, when what their questions have to teach `isLearnt`, and before. */
export function toPrior(articles: readonly Prepared[], isLearnt: boolean): Trust {
  const told = 1 - centroidWeightOf(articles)
  const share = 1 - told * told // where titles say a good part, evidence is as if they said nearly all
  const asked = isLearnt ? pickLearnt(articles) : TITLE_PRIOR
  return {
    bias: asked.bias * share + TEXT_PRIOR.bias * (1 - share),
    weights: asked.weights.map((weight, place) => weight * share + (TEXT_PRIOR.weights[place] ?? 0) * (1 - share)),
    isTried: false,
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
