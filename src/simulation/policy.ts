import { MaitredError } from '../core/errors.ts'
import { resolveRouting, type Routing } from '../routing/routing.ts'

const RELAX = /^relax(\d+(?:\.\d+)?)(ms|s|m|h)?$/

/**
 * Reads how agents and conversations are chosen: `agent`, `agent+queue`, or either with `+relax45s`, after which an agent who is slow
 * at it may help. Alone, `default` comes with `weightedAge`, every other agent policy with `fifo`.
 * @throws MaitredError `CONFIG_INVALID`
 * @example parsePolicy('leastLoaded+earliestDeadline')
 */
export function parsePolicy(text: string): Routing {
  const parts = text.split('+').map((part) => part.trim())
  const relax = parts.flatMap((part) => {
    const [, amount, unit = 's'] = RELAX.exec(part) ?? []
    return amount === undefined ? [] : [{ after: `${Number(amount)}${unit}` as const, drop: 'proficiency' }]
  })
  const [agentPolicy = 'default', queuePolicy, ...others] = parts.filter((part) => !RELAX.test(part))
  if (others.length > 0)
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected an agent policy and a queue policy, got \`${text}\`.`,
      hint: 'Write for example `leastLoaded+fifo`.',
      path: 'policy',
    })
  const routing = {
    agentPolicy,
    queuePolicy: queuePolicy ?? (agentPolicy === 'default' ? 'weightedAge' : 'fifo'),
    ...(relax.length === 0 ? {} : { relax }),
  } as Routing // names are checked here:
  resolveRouting(routing, 'policy')
  return routing
}
