import type { EngineOptions } from '../assemble.ts'
import type { Routing } from '../routing/routing.ts'
import { parseScenario } from '../simulation/parse-scenario.ts'
import { parsePolicy } from '../simulation/policy.ts'
import type { WorkloadReport } from '../simulation/report.ts'
import type { Scenario } from '../simulation/scenario.ts'
import { type ServicePromise, staff } from '../simulation/staffing.ts'
import { study } from '../simulation/study.ts'
import { studyEngine } from './engine-study.ts'

export interface WorkloadOptions {
  /** Independent runs; 8 unless said. */
  readonly seeds?: number
  /** In each run, of which the first tenth is not counted; 20 000 unless said. */
  readonly conversations?: number
  /** Such as 'leastLoaded' or 'default+strictPriority'; that of `engine` unless said. */
  readonly policy?: string
  /** Your configuration: its `routing` is what is simulated, and at engine level its plugins, too. */
  readonly engine?: EngineOptions
  /** 'engine' plays whole conversations with plugins, about a hundred times slower; 'router' unless said. */
  readonly level?: 'router' | 'engine'
  /** Of the first run; 1 unless said. */
  readonly seed?: number
}

const CHECK_SEEDS = 4
const CHECK_CONVERSATIONS = 20_000

/**
 * A day of work through the production router, in virtual time. The same options give the same report.
 * @throws MaitredError `CONFIG_INVALID` with the path in the scenario of what is wrong
 * @example (await simulateWorkload({ classes: [{ skill: 'billing', arrivalsPerHour: 60, workSeconds: { mean: 300 } }], agents: [{ count: 4, skills: { billing: 1 } }] })).serviceLevel
 */
export async function simulateWorkload(scenario: Scenario, options: WorkloadOptions = {}): Promise<WorkloadReport> {
  const { seeds = 8, conversations = 20_000, seed = 1 } = options
  const name = options.policy ?? 'configured'
  const routing = toRouting(options)
  const read = readScenario(scenario)
  const about = { policies: [{ name, routing }], seeds, seed, conversations, isPooled: false }
  const reports =
    options.level === 'engine'
      ? await studyEngine(read, { ...about, config: options.engine ?? {}, questions: [] })
      : study(read, about)
  const [report] = reports.values()
  if (report === undefined) throw new Error('nothing was simulated')
  return report
}

/**
 * How many agents for this load and promise, in the scenario's mix? By exact formula where there is one, else by simulation; the
 * report is a simulation with so many.
 * @throws MaitredError `CONFIG_INVALID` when the scenario or the promise cannot be
 * @example (await agentsNeeded(scenario, { serviceLevel: 0.8, withinSeconds: 60 })).agents
 */
export async function agentsNeeded(
  scenario: Scenario,
  promise: ServicePromise,
): Promise<{ readonly agents: number; readonly report: WorkloadReport }> {
  const options = { seeds: CHECK_SEEDS, seed: 1, conversations: CHECK_CONVERSATIONS, routing: {} }
  const { agents, report } = staff(readScenario(scenario), promise, options)
  return Promise.resolve({ agents, report })
}

function toRouting({ policy, engine }: WorkloadOptions): Routing {
  return { ...engine?.routing, ...(policy === undefined ? {} : parsePolicy(policy)) }
}

function readScenario(input: Scenario): Scenario {
  const { scenario, warnings } = parseScenario(input)
  for (const warning of warnings) process.emitWarning(warning)
  return scenario
}
