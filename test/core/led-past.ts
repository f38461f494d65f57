import { definePlugin, type Plugin, type TransitionName } from '../../src/index.ts'
import { openStage, type Stage, TOUR_OF, TOURS, type TourName } from './tours.ts'

export type AnyHandler = (...args: readonly unknown[]) => unknown

/** A plugin with one hook. What it may be called and given is seen elsewhere. */
export function pluginWith(name: string, hook: string, handler: AnyHandler | object): Plugin {
  return definePlugin({ name, version: '1.0.0', hooks: { [hook]: handler } })()
}

/** Right for every hook: gives back what is handed on, and answers nothing. */
export const passOn: AnyHandler = (value) => (isContext(value) || typeof value === 'string' ? undefined : value)

export function isContext(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'conversation' in value
}

/** Nobody calls these yet. */
export const UNCALLED: readonly string[] = ['route:score']

export const TOUR_OF_ASPECT: Readonly<Record<string, TourName>> = {
  'message:in': 'helped',
  'message:out': 'helped',
  'customer:context': 'served',
  'route:requirements': 'served',
  'knowledge:rank': 'helped',
  'closing:steps': 'served',
  'bot:answer': 'helped',
  'desk:advice': 'served',
}

export function tourOf(hook: string): TourName {
  const transition = hook.replace(/^(before|after):/, '')
  if (transition === '*') return 'served'
  return TOUR_OF_ASPECT[hook] ?? TOUR_OF[transition as TransitionName]
}

/** Led past a hook, a conversation and what its people see of it. */
export async function lead(hook: string, plugins: readonly Plugin[], pause: '0s' | '8s'): Promise<Stage> {
  const stage = await openStage(plugins, { pause })
  await TOURS[tourOf(hook)](stage)
  await stage.sim.advance(pause === '0s' ? 0 : '2m')
  return stage
}
