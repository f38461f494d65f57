import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Demo, findChromium, launch, openDemo, shoot, watchErrors } from './stage.ts'

const chromium = findChromium()
if (chromium === undefined)
  console.log(
    'No Chromium on this machine: the tests in the browser are skipped. Install the package `chromium`, or name one in CHROMIUM.',
  )

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A statement, as far as a test can tell: a green head and grey lines. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAKAAAABgCAIAAAAVRe7OAAAAzklEQVR42u3bQQkAIAxAUQNYzBi23cU6gp4MIYiMBz+B77DBsNTelLjiCQALsAALsAALsAADFmABFmAB1hXwXlOJAwxYgAVYgAVYgHUBHCP0W4ABAwYsS5YAC7AAC7AAAxZgARZgARZguSa9u+EABgwYsBkswIC9AmABFmABFmABFmDAAizAck2S76MCDNgMNoMFWIAFWIAFWIAFGLAAC7AAyz3Y70LAgAEDliVLgAVYgAVYgAELsAALsAALsAALMGABFmABFmABFmDAStYBLFKHqepodboAAAAASUVORK5CYII=',
  'base64',
)

/** How far a talk is from its end. */
const LEFT_BELOW = `(() => {
  const talk = document.querySelector('.talk')
  return talk.scrollHeight - talk.scrollTop - talk.clientHeight
})()`

interface Found {
  readonly violations: readonly {
    id: string
    impact: string
    nodes: readonly { html: string; failureSummary: string }[]
  }[]
}

describe.skipIf(chromium === undefined)('F76: the demo in a browser', () => {
  let browser: Browser
  let demo: Demo
  let context: BrowserContext
  let errors: readonly string[]

  beforeAll(async () => {
    browser = await launch(chromium ?? '')
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    demo = await openDemo()
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    context.setDefaultTimeout(15_000)
    errors = watchErrors(context)
  })
  afterEach(async () => {
    await context.close()
    await demo.close()
  })

  async function openShop(): Promise<Page> {
    const shop = await context.newPage()
    await shop.goto(demo.url)
    await shop.getByRole('button', { name: 'Chat with us' }).click()
    await shop.getByText('What can I help you with?').waitFor()
    return shop
  }

  async function openDesk(who: string): Promise<Page> {
    const desk = await context.newPage()
    await desk.goto(`${demo.url}/desk?as=${who}`)
    await desk.locator('#presence:enabled').waitFor()
    return desk
  }

  /** Work that is no conversation takes seats, as another system of the house would say. */
  const busy = async (agentId: string, units: number): Promise<void> => {
    const headers = { authorization: `Bearer agent:${agentId}`, 'content-type': 'application/json' }
    const response = await fetch(`${demo.url}/chat/desk/busy`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ units }),
    })
    expect(response.status).toBe(200)
  }
  const say = async (page: Page, text: string): Promise<void> => {
    await page.getByPlaceholder(/^Write (a message|to the customer)$/).fill(text)
    await page.keyboard.press('Enter')
  }
  const choose = (page: Page, name: string) =>
    page.getByRole('group', { name: 'Choices' }).getByRole('button', { name, exact: true }).click()
  const hears = (page: Page, text: string) =>
    page.locator('.said:not(.waiting)').filter({ hasText: text }).first().waitFor()
  /** The words of everything that was said, in order. */
  const heard = (page: Page) => page.locator('.talk .said:not(.waiting):not(.note) .words').allInnerTexts()

  test('P24: a whole conversation, with a cut line, a killed server, a transfer, the closing steps and a rating', async () => {
    const [shop, ana] = [await openShop(), await openDesk('ana')]
    await busy('ana', 3) // on the telephone: every seat is taken

    await say(shop, 'I was charged twice for one order')
    await shop.locator('.article').waitFor()
    await shop.getByText('Did this help?').waitFor()
    await shoot(shop, 'widget-article')
    const ben = await openDesk('ben')
    await choose(shop, 'No')
    await shop.getByText('Which of these is it about?').waitFor()
    await choose(shop, 'Talk to a person')
    await shop.getByText(/^You are number 1 in the queue/).waitFor()
    await shoot(shop, 'widget-waiting')
    await busy('ana', 0)
    const offer = ana.getByRole('group', { name: /^Offer/ })
    await offer.getByText(/\d+ s left/).waitFor()
    await offer.getByText('I was charged twice for one order').waitFor()
    await shoot(ana, 'desk-offer')
    await offer.getByRole('button', { name: 'Accept' }).click()
    await shop.getByText('Ana is with you').waitFor()
    await say(ana, 'Hello, Ana here. Let me look at both payments.')
    await hears(shop, 'Let me look at both payments.')
    await say(shop, 'It was last Tuesday.')
    await hears(ana, 'It was last Tuesday.')

    // Each sees what the other has read, and gets what the other attaches.
    await shop
      .locator('.said.mine')
      .filter({ hasText: 'It was last Tuesday.' })
      .getByText('Read', { exact: true })
      .waitFor()
    await ana.locator('.said.mine').filter({ hasText: 'both payments' }).getByText('Read', { exact: true }).waitFor()
    await shop
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'statement.png', mimeType: 'image/png', buffer: PICTURE })
    await ana.getByRole('img', { name: 'statement.png' }).waitFor()
    await ana
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'refund.pdf', mimeType: 'application/pdf', buffer: PICTURE })
    await shop.getByRole('link', { name: 'refund.pdf' }).waitFor()
    for (const page of [shop, ana]) await expect.poll(() => page.evaluate(LEFT_BELOW)).toBeLessThan(2)
    await shoot(shop, 'widget-files')
    await shoot(ana, 'desk-files')

    // The net goes, and comes back: nothing is lost, nothing doubled.
    await context.setOffline(true)
    await shop.getByText('No connection.').waitFor()
    await say(shop, 'Written while the line was down.')
    await say(ana, 'And so was this.')
    await shoot(shop, 'widget-offline')
    await context.setOffline(false)
    await hears(ana, 'Written while the line was down.')
    await hears(shop, 'And so was this.')

    // The server is killed in the middle, and started again.
    await demo.kill()
    await say(shop, 'Written while the server was dead.')
    await demo.start()
    await hears(ana, 'Written while the server was dead.')
    await say(ana, 'I am still here, and so is everything you wrote.')
    await hears(shop, 'I am still here')
    const talk = await heard(shop)
    expect(new Set(talk).size).toBe(talk.length)
    expect(talk.filter((text) => text.startsWith('Written while'))).toEqual([
      'Written while the line was down.',
      'Written while the server was dead.',
    ])

    // Passed on to Ben, who closes it with all steps.
    await ana.getByText('Customer and what the bot tried').click()
    await shoot(ana, 'desk-live')
    await ana.getByLabel('Transfer to').selectOption('ben')
    await ana.getByRole('button', { name: 'Transfer', exact: true }).click()
    await ben
      .getByRole('group', { name: /^Offer/ })
      .getByRole('button', { name: 'Accept' })
      .click()
    await shop.getByText('Ben is with you').waitFor()
    await hears(ben, 'It was last Tuesday.') // he has all that was said
    await say(ben, 'Paid back just now.')
    await hears(shop, 'Paid back just now.')
    await ben.getByLabel('Disposition').selectOption('refunded')
    await ben.getByRole('button', { name: 'Close', exact: true }).click()
    await shop.getByText('Is everything solved?').waitFor()
    await choose(shop, 'Yes')
    await shop.getByText(/rate/i).last().waitFor()
    await shoot(shop, 'widget-rating')
    await choose(shop, '5')
    await shop.getByText('This chat is over').waitFor()
    await ben.getByText('wrap-up').first().waitFor()
    const floor = await context.newPage()
    await floor.goto(`${demo.url}/floor`)
    await floor.getByText('Ben').first().waitFor()
    await shoot(floor, 'floor')
    expect(errors).toEqual([])
  })

  test('F42: the supervisor watches, whispers to the agent, joins the talk, and takes it over', async () => {
    const [shop, ana] = [await openShop(), await openDesk('ana')]
    await say(shop, 'a person, please')
    await ana
      .getByRole('group', { name: /^Offer/ })
      .getByRole('button', { name: 'Accept' })
      .click()
    await shop.getByText('Ana is with you').waitFor()
    const floor = await context.newPage()
    await floor.goto(`${demo.url}/floor`)
    await floor.locator('#why').getByText('Ana', { exact: true }).waitFor() // offered before this page was open
    await floor.getByRole('button', { name: /^Watch/ }).click()
    await hears(floor, 'a person, please')
    await floor.getByLabel('Your words').fill('Offer them the refund.')
    await floor.getByRole('button', { name: 'Whisper' }).click()
    await hears(ana, 'Offer them the refund.')
    await floor.getByRole('button', { name: 'Join' }).click()
    await floor.getByLabel('Your words').fill('Sue here, I have the refund ready.')
    await floor.getByRole('button', { name: 'Say to the customer' }).click()
    await hears(shop, 'Sue here, I have the refund ready.')
    expect(await heard(shop)).not.toContain('Offer them the refund.')
    await look(floor, 'watching')
    await floor.setViewportSize({ width: 360, height: 740 })
    await look(floor, 'watching-360')
    await floor.getByRole('button', { name: 'Take over' }).click()
    await floor.getByRole('link', { name: 'Go on at your desk' }).waitFor()
    await shop.getByText('Sue is with you').waitFor()
    expect(errors).toEqual([])
  })

  test('everything can be done with the keyboard alone', async () => {
    const shop = await context.newPage()
    await shop.goto(demo.url)
    const tabTo = async (page: Page, name: RegExp, role = ''): Promise<void> => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab')
        const focused = await page.evaluate(
          `(() => { const it = document.activeElement; return (it?.tagName ?? '') + ' ' + (it?.getAttribute('aria-label') ?? it?.innerText ?? '') })()`,
        )
        if (name.test(String(focused)) && String(focused).startsWith(role)) return
      }
      throw new Error(`${String(name)} cannot be reached with Tab`)
    }
    const desk = await openDesk('ana')
    await shop.bringToFront()
    await tabTo(shop, /Chat with us/)
    await shop.keyboard.press('Enter')
    await shop.getByText('What can I help you with?').waitFor()
    await shop.keyboard.type('a person, please')
    await shop.keyboard.press('Enter') // the field had the focus already
    await desk.bringToFront()
    await desk.getByRole('group', { name: /^Offer/ }).waitFor()
    await tabTo(desk, /Accept/)
    await desk.keyboard.press('Enter')
    await desk.getByPlaceholder('Write to the customer').waitFor()
    await tabTo(desk, /^TEXTAREA/)
    await desk.keyboard.type('Hello from the keyboard')
    await desk.keyboard.press('Enter')
    await hears(shop, 'Hello from the keyboard')
    await tabTo(desk, /Close/, 'BUTTON')
    await desk.keyboard.press('Enter')
    await shop.bringToFront()
    await shop.getByText('Is everything solved?').waitFor()
    await shop.keyboard.press('Shift+Tab') // from the field back to the choices
    await shop.keyboard.press('Shift+Tab')
    await shop.keyboard.press('Enter')
    await shop.getByText(/rate/i).last().waitFor()
    await shop.keyboard.press('Escape')
    await shop.getByRole('button', { name: 'Chat with us' }).waitFor()
    expect(errors).toEqual([])
  })

  test.each([
    ['light', 1440],
    ['light', 360],
    ['dark', 1440],
    ['dark', 360],
  ] as const)('%s at %i px: axe finds nothing serious, and nothing scrolls sideways', async (colorScheme, width) => {
    await context.close()
    context = await browser.newContext({ viewport: { width, height: width === 360 ? 740 : 900 }, colorScheme })
    context.setDefaultTimeout(15_000)
    errors = watchErrors(context)
    const desk = await openDesk('ana')
    const shop = await openShop()
    await say(shop, 'How long does a refund take?')
    await shop.getByText('Did this help?').waitFor()
    await look(shop, `widget-${colorScheme}-${width}`)
    await choose(shop, 'Talk to a person')
    await desk.getByRole('group', { name: /^Offer/ }).waitFor()
    await look(desk, `offer-${colorScheme}-${width}`)
    await desk.getByRole('button', { name: 'Accept' }).click()
    await desk.getByPlaceholder('Write to the customer').waitFor()
    await say(
      desk,
      'A-very-long-word-without-any-place-to-break-it-which-somebody-will-paste-one-day-into-the-chat-https://shop.example/orders/A-1042',
    )
    await hears(shop, 'A-very-long-word')
    await desk.getByText('Customer and what the bot tried').click()
    await look(desk, `desk-${colorScheme}-${width}`)
    await look(shop, `live-${colorScheme}-${width}`)
    await shop.getByRole('button', { name: 'Close the chat window' }).click()
    await look(shop, `shop-${colorScheme}-${width}`)
    const floor = await context.newPage()
    await floor.goto(`${demo.url}/floor`)
    await floor.locator('#agents li').first().waitFor()
    await look(floor, `floor-${colorScheme}-${width}`)
    expect(errors).toEqual([])
  })

  async function look(page: Page, name: string): Promise<void> {
    await page.bringToFront()
    await page.evaluate('document.activeElement?.blur()')
    await shoot(page, name)
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
      `${name} scrolls sideways`,
    ).toBeLessThanOrEqual(0)
    await page.evaluate(axe)
    const found = await page.evaluate<Found>('axe.run(document, { resultTypes: ["violations"] })')
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      ),
      name,
    ).toEqual([])
  }
})
