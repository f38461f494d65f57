export { type KnowledgeApi, type KnowledgeOptions, knowledgeBase } from './knowledge-base/knowledge-base.ts'
