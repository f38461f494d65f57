import { type Customer, definePlugin, type Plugin } from 'maitred'
import { simulate, withFault } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ana, ben, kim as kimCarter, moment, promised, viewOf } from './scene.ts'

const PERSON = 'a person, please'

type Lookup = (id: string) => { readonly tier: string } | Promise<{ readonly tier: string }>

/** A CRM, and a rule that follows from what it knows: gold customers have an agent of their own. */
function crm(lookup: Lookup, name = 'crm'): Plugin {
  return definePlugin({
    name,
    version: '1.0.0',
    hooks: {
      'customer:context': {
        timeout: '800ms',
        handler: async (customer) => {
          const { tier } = await lookup(customer.id)
          return { ...customer, attributes: { ...customer.attributes, tier } }
        },
      },
      'route:requirements': (need, ctx) =>
        ctx.conversation.customer.attributes?.['tier'] === 'gold' ? { ...need, skills: ['gold'] } : need,
    },
  })()
}

const agents = [{ ...ana, skills: ['gold'] }, ben]

describe('what a CRM knows', () => {
  test('reaches the customer record', async () => {
    await using sim = simulate({ agents, plugins: [crm(() => ({ tier: 'gold' }))] })
    const kim = sim.customer({ ...kimCarter, attributes: { page: 'cart' } })
    await kim.says('hello')
    expect((await viewOf(sim, kim)).customer).toEqual({ ...kimCarter, attributes: { page: 'cart', tier: 'gold' } })
  })

  test('is waited for before requirements are settled', async () => {
    const known = promised<{ tier: string }>()
    await using sim = simulate({ agents, plugins: [crm(() => known.promise)] })
    const kim = sim.customer(kimCarter)
    const asked = kim.says(PERSON)
    await moment()
    const waiting = await sim.engine.conversations({ customerId: 'kim' })
    expect(waiting[0]).toMatchObject({ phase: 'waiting', path: 'waiting.requested' })
    known.keep({ tier: 'gold' })
    await asked
    await sim.agent('ana').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements).toEqual({ skills: ['gold'] })
  })

  test('delays nobody longer than its limit when it hangs', async () => {
    const lookup = crm(() => ({ tier: 'gold' }))
    await using sim = simulate({ agents: [ben], plugins: [withFault(lookup, 'customer:context', 'hangs')] })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.advance('799ms')
    await sim.agent('ben').isNotOffered(kim)
    await sim.advance(1)
    await sim.agent('ben').isOffered(kim)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'crm', hook: 'customer:context', why: 'timedOut' }])
  })

  test('delays no greeting and no answer: only the way to a person', async () => {
    const lookup = crm(() => ({ tier: 'gold' }))
    await using sim = simulate({ plugins: [withFault(lookup, 'customer:context', 'hangs')] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Hello Kim!')
    await kim.says('Do you sell umbrellas?')
    await kim.sees(/found nothing/)
  })

  test('reaches the customer record even when it comes too late', async () => {
    const known = promised<{ tier: string }>()
    await using sim = simulate({ agents, plugins: [crm(() => known.promise)] })
    const kim = sim.customer(kimCarter)
    const asked = kim.says(PERSON)
    await moment()
    const passed = sim.advance('800ms')
    await moment()
    known.keep({ tier: 'gold' })
    await Promise.all([asked, passed])
    await kim.isIn('waiting')
    expect((await viewOf(sim, kim)).customer.attributes).toEqual({ tier: 'gold' })
  })

  test.each(['throws', 'rejects', 'returnsNonsense'] as const)('is done without when it %s', async (fault) => {
    const lookup = crm(() => ({ tier: 'gold' }))
    await using sim = simulate({ agents: [ben], plugins: [withFault(lookup, 'customer:context', fault)] })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ben').isOffered(kim)
    expect((await viewOf(sim, kim)).customer).toEqual(kimCarter)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'crm', hook: 'customer:context' }])
  })

  test('is asked for once at opening, and again at each identify', async () => {
    const asked: string[] = []
    const lookup = crm((id) => {
      asked.push(id)
      return { tier: id === 'kim' ? 'gold' : 'none' }
    })
    await using sim = simulate({ agents, plugins: [lookup] })
    const visitor = sim.customer('visitor-1')
    await visitor.says('hello')
    await visitor.says('hello again')
    await sim.engine.conversation(visitor.conversationId).identify(kimCarter)
    await visitor.says(PERSON)
    await sim.agent('ana').isOffered(visitor)
    expect(asked).toEqual(['visitor-1', 'kim'])
    expect((await viewOf(sim, visitor)).customer).toEqual({ ...kimCarter, attributes: { tier: 'gold' } })
  })

  test('goes from plugin to plugin, each adding its part', async () => {
    const add = (name: string, about: object): Plugin =>
      definePlugin({
        name,
        version: '1.0.0',
        hooks: {
          'customer:context': (customer): Customer => ({
            ...customer,
            attributes: { ...customer.attributes, ...about, seen: Object.keys(customer.attributes ?? {}) },
          }),
        },
      })()
    await using sim = simulate({ plugins: [add('crm', { tier: 'gold' }), add('shop', { orders: 3 })] })
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    expect((await viewOf(sim, kim)).customer.attributes).toEqual({ tier: 'gold', orders: 3, seen: ['tier', 'seen'] })
  })

  test('cannot turn the customer into somebody else', async () => {
    const swap = definePlugin({
      name: 'swap',
      version: '1.0.0',
      hooks: { 'customer:context': (customer) => ({ ...customer, id: 'lou' }) },
    })()
    await using sim = simulate({ plugins: [swap] })
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    expect((await viewOf(sim, kim)).customer).toEqual(kimCarter)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'swap', hook: 'customer:context', why: 'invalid' }])
  })

  test('may be remembered and acted upon: state and words are kept with it', async () => {
    const loyalty = definePlugin({
      name: 'loyalty',
      version: '1.0.0',
      state: z.object({ tier: z.string().optional() }),
      setup: ({ stateOf }) => ({ stateOf }),
      hooks: {
        'customer:context': (customer, ctx) => {
          ctx.setState({ tier: 'gold' })
          ctx.say('Thank you for seven years with us.')
          return customer
        },
      },
    })
    await using sim = simulate({ plugins: [loyalty()] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Hello Kim!')
    await kim.sees('Thank you for seven years with us.')
    expect(await sim.engine.plugin(loyalty).stateOf(kim.conversationId)).toEqual({ tier: 'gold' })
  })
})
