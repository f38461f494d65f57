import { demoArticles } from '../../src/cli/demo/articles.ts'
import { demoConfig } from '../../src/cli/demo/config.ts'
import { parseScenario } from '../../src/simulation/parse-scenario.ts'
import type { WorkloadReport } from '../../src/simulation/report.ts'
import { studyEngine } from '../../src/testing/engine-study.ts'

/** Two hundred agents in three teams, and four kinds of questions: 100,000 in a day. */
const DAY = {
  slowdown: 0.2,
  classes: [
    { skill: 'orders', arrivalsPerHour: 1_700, workSeconds: { mean: 240 } },
    { skill: 'billing', arrivalsPerHour: 1_100, workSeconds: { mean: 300 } },
    { skill: 'technical', arrivalsPerHour: 800, workSeconds: { mean: 360 } },
    { skill: 'returns', arrivalsPerHour: 567, workSeconds: { mean: 200 } },
  ],
  agents: [
    { count: 80, capacity: 3, skills: { orders: 1, returns: 1 } },
    { count: 70, capacity: 3, skills: { billing: 1, orders: 1 } },
    { count: 50, capacity: 3, skills: { technical: 1, billing: 1 } },
  ],
}

/** Processor seconds of whole conversations, with the plugins and articles of the demo. */
export async function liveADay(
  conversations: number,
): Promise<{ readonly cpuSeconds: number; readonly wallSeconds: number; readonly report: WorkloadReport }> {
  const [began, before] = [performance.now(), process.cpuUsage()]
  const reports = await studyEngine(parseScenario(DAY).scenario, {
    policies: [{ name: 'default', routing: {} }],
    seeds: 1,
    seed: 1,
    conversations,
    isPooled: false,
    config: demoConfig,
    questions: demoArticles.map(({ title }) => title),
  })
  const { user, system } = process.cpuUsage(before)
  const [report] = reports.values()
  if (report === undefined) throw new Error('nothing was simulated')
  return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - began) / 1_000, report }
}
