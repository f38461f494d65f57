import {
  asComposer,
  atMost,
  attachButton,
  dots,
  h,
  readMark,
  reportReading,
  showMessage,
  span,
  stickToEnd,
} from './ui.js'

// One conversation on the desk: who it is, what was said, what can be done.

const DISPOSITIONS = ['answered', 'refunded', 'replaced', 'passed on', 'spam']

/** @param {{ desk: import('../../../client/index.ts').RemoteDesk, id: string, agentId: string, onFront: () => void, onDone: () => void }} about */
export function createColumn({ desk, id, agentId, onFront, onDone }) {
  let colleagues = new Map()
  let view
  let hold
  let isNew = false
  let lastSeq = 0
  let hush = 0
  let startedAt = Date.now()
  const said = []
  const typing = dots()
  const field = (name) => `${name}-${id}`

  const title = h('h2', {}, '...')
  const state = h('span', { class: 'badge' })
  const since = h('span', { class: 'quiet small' })
  const facts = h('dl')
  const context = h('details', { class: 'context' }, h('summary', {}, 'Customer and what the bot tried'), facts)
  const talk = h('div', { class: 'talk', role: 'log', 'aria-label': 'Conversation', tabindex: '0' })
  const mark = readMark(talk)
  const reading = reportReading(talk, (seq) => hold === 'open' && desk.read(id, seq))
  const words = h('textarea', { rows: '1', id: field('words'), placeholder: 'Write to the customer', onfocus: read })
  const target = h('select', { id: field('target'), 'aria-label': 'Transfer to' })
  const outcome = h(
    'select',
    { id: field('outcome'), 'aria-label': 'Disposition' },
    ...DISPOSITIONS.map((one) => h('option', { value: one }, one)),
  )
  const actions = h(
    'div',
    { class: 'actions' },
    target,
    button('Transfer', transfer),
    button('Hold', () => desk.hold(id, { backIn: '5m' })),
    outcome,
    button('Close', () => desk.close(id, { disposition: outcome.value })),
  )
  const composer = h(
    'div',
    { class: 'composer' },
    h('label', { class: 'visually-hidden', for: field('words') }, 'Your answer'),
    words,
    ...attachButton((attachments) => void act(() => write('say', { attachments })), complain),
    button('Note', () => write('note')),
    h('button', { class: 'main', type: 'submit' }, 'Send'),
  )
  const form = h(
    'form',
    { onsubmit: (event) => (event.preventDefault(), void act(() => write('say'))) },
    actions,
    composer,
  )
  const done = h(
    'div',
    { class: 'actions', hidden: true },
    button('Done', async () => onDone()),
  )
  const problem = h('div', { class: 'strip warm', role: 'alert', hidden: true })
  const element = h(
    'section',
    { class: 'column', 'aria-label': 'Conversation', 'data-front': 'false', onfocusin: onFront },
    h('header', {}, h('div', { class: 'row spread' }, title, state), h('div', { class: 'row spread' }, since, done)),
    context,
    talk,
    problem,
    form,
  )

  function button(label, deed) {
    return h('button', { type: 'button', onclick: () => void act(deed) }, label)
  }

  async function act(deed) {
    problem.hidden = true
    try {
      const receipt = await deed()
      if (receipt?.ok === false) complain(receipt.reason ?? receipt.hint, receipt.text)
    } catch (error) {
      complain(error.hint ?? 'That did not work.')
    }
  }

  /** Words that came too late are handed back. */
  function complain(text, back) {
    problem.textContent = text
    problem.hidden = false
    if (back !== undefined && words.value === '') words.value = back
  }

  function write(verb, options) {
    const text = words.value.trim()
    if (text === '' && options === undefined) return undefined
    words.value = ''
    return desk[verb](id, text, options)
  }

  function transfer() {
    const to = target.value
    if (to === 'bot') return desk.transfer(id, 'bot')
    return desk.transfer(id, to === 'queue' ? { skills: [] } : { agentId: to })
  }

  function nameOf({ author, agentId: by }) {
    if (author === 'customer') return view?.customer.name ?? 'Customer'
    if (author === 'bot') return 'Bot'
    return by === agentId ? 'You' : (colleagues.get(by)?.agent.name ?? by ?? 'Agent')
  }

  function addMessage(message) {
    if (message.seq <= lastSeq) return
    lastSeq = message.seq
    said.push(message)
    isNew = message.author === 'customer' && !element.contains(document.activeElement)
    typing.remove()
    talk.append(showMessage(message, { side: 'agent', nameOf }))
    if (message.author === 'customer') reading.came(message.seq)
    else mark.draw()
    if (message.suggestions !== undefined) drawFacts()
  }

  /** Once it is known who the customer is, what was said before is shown with the name. */
  function drawTalk() {
    startedAt = Date.now()
    talk.replaceChildren(...said.map((message) => showMessage(message, { side: 'agent', nameOf })))
    mark.draw()
    talk.scrollTop = talk.scrollHeight
  }

  function drawFacts() {
    const { customer, pages = [], requirements } = view ?? {}
    const tried = said.flatMap(({ suggestions = [] }) => suggestions.map(({ article }) => article.title))
    const rows = [
      ['E-mail', customer?.email],
      ['Page', pages.at(-1)?.url],
      ['Needs', requirements?.skills?.join(', ')],
      ['Bot tried', [...new Set(tried)].join('; ')],
      ...Object.entries(customer?.attributes ?? {}).map(([name, value]) => [toWords(name), value]),
    ]
    facts.replaceChildren(
      ...rows
        .filter(([, value]) => value !== undefined && value !== '')
        .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))]),
    )
  }

  function drawState() {
    const isMine = hold === 'open' && view?.phase === 'live'
    title.textContent = view?.customer.name ?? 'A visitor'
    element.setAttribute('aria-label', `Conversation with ${title.textContent}`)
    state.textContent =
      hold === 'wrapUp'
        ? 'wrap-up'
        : hold === undefined && view !== undefined && view.agentId !== agentId
          ? 'passed on'
          : view?.path === 'live.held'
            ? 'on hold'
            : (view?.phase ?? '')
    state.className = `badge ${isMine ? 'good' : ''}`
    form.hidden = !isMine
    done.hidden = hold !== undefined
    if (!isMine) typing.remove()
  }

  function drawTargets() {
    const chosen = target.value
    const others = [...colleagues.values()].filter(({ agent }) => agent.id !== agentId)
    target.replaceChildren(
      h('option', { value: 'queue' }, 'Back to the queue'),
      h('option', { value: 'bot' }, 'Back to the bot'),
      ...others.map(({ agent, presence }) =>
        h('option', { value: agent.id }, `${agent.name ?? agent.id} (${presence})`),
      ),
    )
    if (chosen !== '') target.value = chosen
  }

  function read() {
    isNew = false
    reading.look()
    onFront()
  }

  stickToEnd(talk)
  asComposer(words, () => void act(() => write('say')))
  words.addEventListener(
    'input',
    atMost(() => desk.typing(id), 2000),
  )
  return {
    element,
    take(update) {
      if (update.type === 'message') addMessage(update.message)
      if (update.type === 'read') mark.upTo(update.seq)
      if (update.type === 'typing') {
        talk.append(typing)
        clearTimeout(hush)
        hush = setTimeout(() => typing.remove(), 4000)
      }
      if (update.type !== 'conversation') return
      const isFirst = view === undefined
      view = update.conversation
      if (isFirst) drawTalk()
      drawFacts()
      drawState()
    },
    /** The line is back. */
    again: () => reading.again(),
    hold(phase) {
      hold = phase
      reading.look()
      drawState()
    },
    meet(known) {
      colleagues = known
      drawTargets()
    },
    tick() {
      since.textContent = view === undefined ? '' : `here for ${span(Date.now() - startedAt)}`
    },
    focus: () => (form.hidden ? talk : words).focus(),
    summary: () => ({ name: title.textContent ?? '', state: state.textContent ?? '', isNew }),
  }
}

/** `lastOrder` is for machines. @param {string} name */
function toWords(name) {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
