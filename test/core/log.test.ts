import { expect, test } from 'vitest'
import { definePlugin } from '../../src/index.ts'
import { simulate } from '../../src/testing/index.ts'

const failing = definePlugin({
  name: 'failing',
  version: '1.0.0',
  hooks: {
    'message:in': (message, ctx) => {
      ctx.log.info({}, 'about to fail')
      if (message.text !== '') throw new Error('no')
      return message
    },
    'bot:answer': () => {
      throw new Error('no')
    },
  },
})

const LOGS: readonly (readonly [string, () => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('the disk is full')
    },
  ],
  ['rejects', () => Promise.reject(new Error('the disk is full'))],
]

test.each(LOGS)('a log that %s is felt by nobody', async (_how, write) => {
  const log = { debug: write, info: write, warn: write, error: write } as never
  await using sim = simulate({ log, agents: [{ id: 'ana' }], plugins: [failing()] })
  const observe = () => {
    throw new Error('no')
  }
  sim.engine.on('message.added', observe)
  const kim = sim.customer('kim')
  await kim.says('How do I return it?')
  await kim.says('a person, please')
  await sim.agent('ana').accepts(kim)
  expect(kim.messages.map(({ text }) => text)).toContain('How do I return it?')
  expect(sim.pluginFailures.map(({ hook }) => hook)).toContain('bot:answer')
})

test('a log of a class keeps its own fields', async () => {
  class Lines {
    readonly lines: string[] = []
    debug(): void {}
    info(_data: object, text = ''): void {
      this.lines.push(text)
    }
    warn(_data: object, text = ''): void {
      this.lines.push(text)
    }
    error(): void {}
  }
  const log = new Lines()
  await using sim = simulate({ log, plugins: [failing()] })
  await sim.customer('kim').says('hello')
  expect(log.lines).toEqual(['about to fail', 'the plugin failing failed in message:in'])
})
