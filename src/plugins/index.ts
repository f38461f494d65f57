export type { Gap, Helpfulness } from './knowledge-base/gaps.ts'
export { type KnowledgeApi, type KnowledgeOptions, knowledgeBase } from './knowledge-base/knowledge-base.ts'
