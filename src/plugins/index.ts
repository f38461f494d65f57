export { type BoundaryApi, type BoundaryOptions, boundaries, type Rung } from './boundaries.ts'
export { type CsatApi, type CsatOptions, csat } from './csat.ts'
export type { SavedIndex } from './knowledge-base/article-index.ts'
export type { Embedder } from './knowledge-base/embedder.ts'
export type { Gap, Helpfulness } from './knowledge-base/gaps.ts'
export { type KnowledgeApi, type KnowledgeOptions, knowledgeBase } from './knowledge-base/knowledge-base.ts'
export {
  type RenderedReply,
  type SavedReply,
  type SavedReplyApi,
  type SavedReplyOptions,
  savedReplies,
} from './saved-replies.ts'
