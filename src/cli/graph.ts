import type { Command } from 'commander'
import { SLOTS } from '../core/hooks/step-table.ts'
import { chartEdges, toMermaid } from '../core/machine/describe.ts'
import { listPaths } from '../core/machine/step.ts'
import type { Handler, HookTable } from '../core/hooks/hook-table.ts'
import { TRANSITION_NAMES } from '../core/transitions.ts'
import { pluginTimer } from '../core/turn/timers.ts'
import { TIMER_KINDS } from '../testing/check-config/chart-rules.ts'
import { type LaidOut, layOut } from '../testing/check-config/laid-out.ts'
import { demoConfig } from './demo/config.ts'
import { type Io, printJson } from './io.ts'
import { findConfig, loadConfig } from './load-config.ts'

interface GraphFlags {
  readonly config?: string
  readonly json?: true
}

/** `maitred graph`: the chart, with the plugins that join each transition. */
export function addGraph(program: Command, io: Io): void {
  program
    .command('graph')
    .description('draw the chart with the plugins that join each transition, in the order they run')
    .option(
      '--config <file>',
      'your configuration, TypeScript or JavaScript; maitred.config.ts of this folder unless said',
    )
    .option('--mermaid', 'as a Mermaid state diagram; so it is drawn unless said')
    .option('--json', 'print one object and nothing else')
    .action((flags: GraphFlags) => graph(flags, io))
}

async function graph({ config, json }: GraphFlags, { stdout }: Io): Promise<void> {
  const configFile = findConfig(config)
  const laidOut = layOut(configFile === undefined ? demoConfig : await loadConfig(configFile))
  if (json === true) printJson(stdout, toJson(laidOut))
  else stdout.write(`${[toMermaid(), ...toLegend(laidOut.hooks)].join('\n')}\n`)
}

/** A note beside the beginning: one line per transition that plugins join. */
function toLegend({ before, after }: HookTable): readonly string[] {
  const lines = TRANSITION_NAMES.flatMap((name) => {
    const sides = [toSide('before', before.get(name)), toSide('after', after.get(name))].flat()
    return sides.length === 0 ? [] : [`    ${name} - ${sides.join(' · ')}`]
  })
  return lines.length === 0
    ? []
    : ['  note left of greeting_new', '    plugins, in the order they run', ...lines, '  end note']
}

function toSide(side: 'before' | 'after', handlers: readonly Handler[] = []): readonly string[] {
  if (handlers.length === 0) return []
  return [
    `${side}: ${handlers.map(({ plugin, hook }) => `${plugin.name}${hook.endsWith(':*') ? ' (*)' : ''}`).join(', ')}`,
  ]
}

function toJson({ hooks, steps, plugins }: LaidOut): object {
  const joined = (handlers: readonly Handler[] = []) =>
    handlers.map(({ plugin, hook }) => ({ plugin: plugin.name, hook }))
  return {
    places: listPaths(),
    edges: chartEdges().map(({ from, to, on, guard, transition }) => ({ from, to, on, guard, transition })), // JSON leaves out what is not there
    transitions: Object.fromEntries(
      TRANSITION_NAMES.map((name) => [
        name,
        { before: joined(hooks.before.get(name)), after: joined(hooks.after.get(name)) },
      ]),
    ),
    slots: Object.fromEntries(SLOTS.map((slot) => [slot, [...(steps.get(slot)?.keys() ?? [])]])),
    timers: [
      ...TIMER_KINDS,
      ...plugins.flatMap(({ name, definition }) =>
        Object.keys(definition.timers ?? {}).map((timer) => pluginTimer(name, timer)),
      ),
    ],
  }
}
