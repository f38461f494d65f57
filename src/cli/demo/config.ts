import { type Agent, defineConfig } from '../../index.ts'
import { knowledgeBase } from '../../plugins/index.ts'
import { demoArticles } from './articles.ts'
import { DEMO_SKILLS, type DemoSkill } from './skills.ts'

/** Who works there. */
export const demoAgents: readonly Agent<DemoSkill>[] = [
  { id: 'ana', name: 'Ana', capacity: 3, skills: { billing: 5, orders: 4 } },
  { id: 'ben', name: 'Ben', capacity: 3, skills: { travel: 5, insurance: 3 } },
  { id: 'cleo', name: 'Cleo', capacity: 3, skills: { insurance: 5, billing: 3 } },
  { id: 'dev', name: 'Dev', capacity: 3, skills: { technical: 5, orders: 2 } },
  { id: 'ella', name: 'Ella', capacity: 3, skills: { orders: 5, travel: 4, technical: 2 } },
]

/** What the command runs when no configuration is given. */
export const demoConfig = defineConfig({
  skills: DEMO_SKILLS,
  agents: demoAgents,
  plugins: [knowledgeBase({ articles: demoArticles })],
  routing: { offerTimeout: '20s', wrapUp: '30s', overflow: { after: '5m', to: 'async' } },
})
