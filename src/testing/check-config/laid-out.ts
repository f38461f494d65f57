import { assemble, type EngineOptions, settingsOf } from '../../assemble.ts'
import { closingSteps } from '../../core/hooks/closing-steps.ts'
import { compileHooks, type HookTable } from '../../core/hooks/hook-table.ts'
import { type Installed, install, type InstallServices, readPlugins } from '../../core/hooks/installed.ts'
import { compileSteps, type StepTable } from '../../core/hooks/step-table.ts'
import { createUnderstanding, DEFAULT_PHRASES } from '../../core/phrases.ts'
import type { Settings } from '../../core/settings.ts'
import { createSay } from '../../core/texts.ts'
import { createVirtualClock } from '../virtual-clock.ts'

/** A configuration as its engine would see it, to be looked at without one. */
export interface LaidOut {
  readonly options: EngineOptions
  readonly plugins: readonly Installed[]
  readonly hooks: HookTable
  readonly steps: StepTable
  readonly settings: Settings
}

/**
 * Lays a configuration out. Nothing is opened: the engine that is made to be refused is thrown away.
 * @throws MaitredError for whatever `createEngine` would refuse
 */
export function layOut(options: EngineOptions): LaidOut {
  assemble(options, { clock: createVirtualClock(0), seed: 0, createId: String })
  const plugins = readPlugins(options.plugins ?? []).map(({ definition, config }) => {
    const { setup: _setup, ...rest } = definition // once is enough
    return install({ definition: rest, config }, NOTHING)
  })
  const builtIn = closingSteps(
    createSay(options.texts ?? {}),
    createUnderstanding({ ...DEFAULT_PHRASES, ...options.phrases }),
  )
  return {
    options,
    plugins,
    hooks: compileHooks(plugins),
    steps: compileSteps(builtIn, plugins),
    settings: settingsOf(options),
  }
}

const NOTHING: InstallServices = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => 0,
  clock: { now: () => 0, at: () => () => undefined, sliceMs: 10 },
  storedState: () => Promise.resolve(undefined),
  record: () => Promise.resolve(undefined),
  putRecord: () => Promise.resolve(),
}
