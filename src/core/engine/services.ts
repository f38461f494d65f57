import { type Installed, install, readPlugins } from '../hooks/installed.ts'
import { closingSteps } from '../hooks/closing-steps.ts'
import { compileHooks } from '../hooks/hook-table.ts'
import { compileSteps } from '../hooks/step-table.ts'
import { MaitredError } from '../errors.ts'
import { createUnderstanding } from '../phrases.ts'
import type { RecordPut, TenantStore } from '../ports.ts'
import { createSay } from '../texts.ts'
import { createTranscripts } from '../turn/transcripts.ts'
import type { TurnServices } from '../turn/turn.ts'
import type { Core, CoreOptions } from './core.ts'

/** The plugins of one engine, set up. `core` is asked for only when one of them needs the store. */
export function installPlugins(options: CoreOptions, core: () => Core): ReadonlyMap<string, Installed> {
  const installed = new Map<string, Installed>()
  for (const parts of readPlugins(options.plugins)) {
    const plugin = install(parts, {
      log: options.log,
      now: () => options.clock.now(),
      clock: options.clock,
      storedState: async (id, name) => (await core().store().load(id)).row?.snapshot.plugins[name],
      record: async (name, key) => core().store().record(name, key),
      putRecord: (name, key, { value, ifVersion }) =>
        putRecord(core().store(), { plugin: name, key, value, ...(ifVersion === undefined ? {} : { ifVersion }) }),
    })
    installed.set(plugin.name, plugin)
  }
  return installed
}

/** What turns may ask of this engine. */
export function createServices(
  options: CoreOptions,
  installed: ReadonlyMap<string, Installed>,
  core: () => Core,
): TurnServices {
  const { log, clock, router } = options
  const plugins = [...installed.values()]
  const say = createSay(options.texts, (key, error) => log.error({ error, text: key }, `the text ${key} failed`))
  const understanding = createUnderstanding(options.phrases)
  return {
    get store() {
      return core().store()
    },
    clock,
    storeWaits: options.store.answersAtOnce !== true,
    transcripts: createTranscripts(() => core().store()),
    heldUntil: (at) => core().node.heldUntil(at),
    fencedOff: (fence) => core().node.lost(fence),
    plugins: installed,
    hooks: compileHooks(plugins),
    steps: compileSteps(closingSteps(say, understanding), plugins),
    settings: options.settings,
    say,
    understanding,
    skills: options.skills === undefined ? undefined : new Set(options.skills),
    canReach: (customer) => options.channels.length > 0 && customer.email !== undefined,
    isDelivered: ({ channel, reach, hereUntil }) =>
      options.channels.length > 0 &&
      ((reach === 'away' && hereUntil === null) || options.channels.some(({ name }) => name === channel)),
    agent: (id) => core().agents.get(id)?.agent,
    presenceOf: (id) => core().agents.get(id)?.presence,
    place: (id, at) => router.place(id, at),
    closedFor: (visit, { skills }, at) => {
      const availability = options.admit(visit, skills, at)
      return availability.open ? null : availability.reason
    },
    opensAt: (visit, skills, at) => {
      const availability = options.admit(visit, skills, at)
      return availability.open ? undefined : availability.opensAt
    },
    failed: (failure) => {
      log.warn({ ...failure }, `the plugin ${failure.plugin} failed in ${failure.hook}`)
      core().board.tell({ type: 'plugin.failed', at: clock.now(), ...failure })
    },
  }
}

async function putRecord(store: TenantStore, put: RecordPut): Promise<void> {
  if (await store.putRecord(put)) return
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `The record \`${put.key}\` of \`${put.plugin}\` is not at version ${String(put.ifVersion)} any more.`,
    hint: 'Get it again, and put it with its new version.',
  })
}
