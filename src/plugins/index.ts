export type { Gap, Helpfulness } from './knowledge-base/gaps.ts'
