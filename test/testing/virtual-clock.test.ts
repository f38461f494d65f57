import { createVirtualClock } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const NOON = Date.parse('2026-01-05T12:00Z')

describe('the virtual clock', () => {
  test('fires in the order of time, and within one moment in the order they were set', () => {
    const [clock, fired] = [createVirtualClock(NOON), [] as string[]]
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
    ] as const)
      clock.at(NOON + ms, () => fired.push(`${name} at ${clock.now() - NOON}`))
    while (clock.fireNext(NOON + 1_000));
    expect(fired).toEqual(['a at 10', 'b1 at 20', 'b2 at 20', 'c at 30'])
    expect(clock.now()).toBe(NOON + 30)
  })

  test('fires nothing that is due later than asked', () => {
    const [clock, fired] = [createVirtualClock(NOON), [] as number[]]
    clock.at(NOON + 10, () => fired.push(10))
    clock.at(NOON + 11, () => fired.push(11))
    expect(clock.fireNext(NOON + 10)).toBe(true)
    expect(clock.fireNext(NOON + 10)).toBe(false)
    expect(clock.nextAt()).toBe(NOON + 11)
    expect(fired).toEqual([10])
  })

  test('fires what is set while firing, at its own time', () => {
    const [clock, fired] = [createVirtualClock(NOON), [] as number[]]
    const tick = (): void => {
      fired.push(clock.now() - NOON)
      if (fired.length < 5) clock.at(clock.now() + 10, tick)
    }
    clock.at(NOON, tick)
    while (clock.fireNext(NOON + 35));
    expect(fired).toEqual([0, 10, 20, 30])
  })

  test('fires at once what was due in the past, without going back', () => {
    const clock = createVirtualClock(NOON)
    let firedAt = 0
    clock.at(NOON - 1_000, () => (firedAt = clock.now()))
    expect(clock.nextAt()).toBe(NOON)
    clock.fireNext(NOON)
    expect(firedAt).toBe(NOON)
    clock.moveTo(NOON - 1)
    expect(clock.now()).toBe(NOON)
  })

  test('forgets what is called off, before and after it has fired, once and twice', () => {
    const [clock, fired] = [createVirtualClock(NOON), [] as string[]]
    const cancelFirst = clock.at(NOON + 10, () => fired.push('first'))
    const cancelSecond = clock.at(NOON + 20, () => fired.push('second'))
    const cancelThird = clock.at(NOON + 30, () => {
      fired.push('third')
      cancelThird()
    })
    cancelFirst()
    cancelFirst()
    expect(clock.nextAt()).toBe(NOON + 20)
    while (clock.fireNext(NOON + 100));
    cancelSecond()
    expect(fired).toEqual(['second', 'third'])
    expect(clock.nextAt()).toBeUndefined()
  })

  test('calls off what another callback of the same moment calls off', () => {
    const [clock, fired] = [createVirtualClock(NOON), [] as string[]]
    clock.at(NOON + 10, () => cancel())
    const cancel = clock.at(NOON + 10, () => fired.push('called off'))
    while (clock.fireNext(NOON + 10));
    expect(fired).toEqual([])
  })

  test('P19: waits longer than 2^31 ms', () => {
    const [clock, century] = [createVirtualClock(NOON), 100 * 365 * 86_400_000]
    let firedAt = 0
    clock.at(NOON + century, () => (firedAt = clock.now()))
    expect(clock.fireNext(NOON + 2 ** 31)).toBe(false)
    expect(clock.fireNext(NOON + century)).toBe(true)
    expect(firedAt - NOON).toBe(century)
  })

  test('keeps ten thousand timers in order, however many are called off', () => {
    const clock = createVirtualClock(NOON)
    const fired: number[] = []
    const expected: number[] = []
    for (let index = 0; index < 10_000; index += 1) {
      const at = NOON + ((index * 7_919) % 10_007)
      const cancel = clock.at(at, () => fired.push(at))
      if (index % 3 === 0) expected.push(at)
      else cancel()
    }
    while (clock.fireNext(NOON + 20_000));
    expect(fired).toEqual(expected.sort((one, other) => one - other))
    expect(clock.nextAt()).toBeUndefined()
  })

  test('knows what is waited for outside of its time, until it has come', async () => {
    const clock = createVirtualClock(NOON)
    const [kept, broken] = [Promise.resolve(), Promise.reject(new Error('no'))]
    clock.watch?.(kept, 'a file')
    clock.watch?.(broken, 'a request')
    expect([...clock.waiting.values()]).toEqual(['a file', 'a request'])
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.waiting.size).toBe(0)
  })
})
