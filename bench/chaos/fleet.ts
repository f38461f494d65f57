import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { type Ask, type FromNode, type NodeAbout, pause, type Told } from './protocol.ts'

/** Longer than any answer takes; who waits longer asks another node. */
const PATIENCE_MS = 2_500

export interface Fleet {
  /** Asks any node that is there, again and again, the same thing under the same key, until one has answered. */
  insist(ask: Ask): Promise<Told>
  /** The same thing of one node, once. Rejects when it does not answer. */
  ask(ask: Ask): Promise<Told>
  readonly pids: readonly number[]
  /** Ends one node at once, and starts another in its place. Resolves to the process id that is gone. */
  kill(index: number): number | undefined
  freeze(index: number, ms: number): Promise<number | undefined>
  stop(): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  readonly waiting: Map<number, (message: FromNode | undefined) => void>
  isReady: boolean
}

export async function startFleet(
  size: number,
  about: NodeAbout,
  { chance, offered }: { readonly chance: () => number; offered(agentId: string, conversationId: string): void },
): Promise<Fleet> {
  const nodes: Running[] = []
  const followers: string[] = []
  let count = 0
  let startCount = 0
  let isStopping = false

  function start(index: number): Promise<void> {
    const child = fork(
      path.join(import.meta.dirname, 'chaos-node.mjs'),
      [JSON.stringify({ ...about, seed: about.seed * 1_000 + (startCount += 1) })],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    const node: Running = { child, waiting: new Map(), isReady: false }
    nodes[index] = node
    return new Promise((resolve) => {
      child.on('message', (message: FromNode) => {
        if ('ready' in message) {
          node.isReady = true
          for (const [at, agentId] of followers.entries())
            if (at % size === index) void send(node, { do: 'follow', agentId }).catch(() => undefined)
          resolve()
        } else if ('offered' in message) offered(message.offered, message.conversationId)
        else node.waiting.get(message.reply)?.(message)
      })
      child.on('error', () => undefined)
      child.on('exit', () => {
        node.isReady = false
        for (const answer of [...node.waiting.values()]) answer(undefined)
        if (!isStopping && nodes[index] === node) void start(index)
        resolve()
      })
    })
  }

  function send(node: Running, ask: Ask): Promise<Told> {
    return new Promise((resolve, reject) => {
      const n = (count += 1)
      const settle = (message: FromNode | undefined): void => {
        clearTimeout(timer)
        node.waiting.delete(n)
        if (message !== undefined && 'told' in message) resolve(message.told)
        else reject(new Error(message !== undefined && 'error' in message ? message.error : 'no answer'))
      }
      const timer = setTimeout(() => settle(undefined), PATIENCE_MS)
      node.waiting.set(n, settle)
      node.child.send({ n, ask }, (error) => {
        if (error !== null) settle(undefined)
      })
    })
  }

  function pick(): Running | undefined {
    const ready = nodes.filter(({ isReady }) => isReady)
    return ready[Math.floor(chance() * ready.length)]
  }

  function ask(asked: Ask): Promise<Told> {
    const node = pick()
    return node === undefined ? Promise.reject(new Error('no node is there')) : send(node, asked)
  }

  async function insist(asked: Ask): Promise<Told> {
    for (;;) {
      try {
        return await ask(asked)
      } catch (error) {
        if (error instanceof Error && /NOT_FOUND|MISMATCH|INVALID/.test(error.message)) throw error
        await pause(20 + 60 * chance())
      }
    }
  }

  await Promise.all(Array.from({ length: size }, (_, index) => start(index)))
  for (const agentId of about.agentIds) {
    const index = followers.push(agentId) - 1
    const node = nodes[index % size]
    if (node !== undefined) await send(node, { do: 'follow', agentId }).catch(() => undefined)
  }
  return {
    insist,
    ask,
    get pids() {
      return nodes.flatMap(({ child }) => child.pid ?? [])
    },
    kill(index) {
      const { child } = nodes[index] ?? {}
      child?.kill('SIGKILL')
      return child?.pid
    },
    async freeze(index, ms) {
      const { child } = nodes[index] ?? {}
      child?.kill('SIGSTOP')
      await pause(ms)
      child?.kill('SIGCONT')
      return child?.pid
    },
    async stop() {
      isStopping = true
      await Promise.all(nodes.map((node) => send(node, { do: 'stop' }).catch(() => node.child.kill('SIGKILL'))))
    },
  }
}
