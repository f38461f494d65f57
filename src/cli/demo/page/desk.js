import { connectAgent } from './client.js'
import { createColumn } from './column.js'
import { byId, h } from './ui.js'

// The agent's desk. What is held, offered and said comes by one stream; this page only shows it.

const agentId = new URLSearchParams(location.search).get('as') ?? 'ana'
const [offers, tabs, columns] = ['offers', 'tabs', 'columns'].map(byId)
const presence = /** @type {HTMLSelectElement} */ (byId('presence'))
/** @type {Map<string, ReturnType<typeof createColumn>>} */
const open = new Map()
const desk = await connectAgent({
  url: '/chat',
  token: `agent:${agentId}`,
  onStatus(status) {
    byId('offline').hidden = status === 'online'
    if (status === 'online') for (const column of open.values()) column.again()
  },
})
/** @type {Map<string, { card: HTMLElement, expiresAt: number, startedAt: number }>} */
const offered = new Map()
/** @type {Map<string, { agent: { id: string, name?: string }, presence: string }>} */
let colleagues = new Map()
let front = ''
let holds = new Map()

async function meetColleagues() {
  colleagues = new Map((await desk.colleagues()).map((one) => [one.agent.id, one]))
  for (const column of open.values()) column.meet(colleagues)
}

function take(update) {
  if (update.type === 'desk') return showDesk(update)
  if (update.type === 'offer') return showOffer(update)
  if (update.type === 'offerGone') return dropOffer(update.conversationId)
  const id = update.type === 'conversation' ? update.conversation.id : update.conversationId
  if (offered.has(id) && update.type === 'conversation' && update.conversation.agentId !== agentId) return
  columnOf(id).take(update)
  drawTabs()
}

function columnOf(id) {
  const known = open.get(id)
  if (known !== undefined) return known
  const column = createColumn({ desk, id, agentId, onFront: () => show(id), onDone: () => drop(id) })
  column.meet(colleagues)
  column.hold(holds.get(id))
  open.set(id, column)
  columns.append(column.element)
  if (!open.has(front)) show(id)
  showEmpty()
  return column
}

function showDesk(update) {
  presence.value = update.presence
  const { load, capacity } = update
  byId('load-words').textContent = `${load} of ${capacity} seats taken`
  byId('seats').replaceChildren(
    ...Array.from({ length: Math.min(12, Math.ceil(capacity)) }, (_, seat) =>
      h('i', { class: seat < load ? 'taken' : '' }),
    ),
  )
  holds = new Map(update.holds.map(({ conversationId, phase }) => [conversationId, phase]))
  for (const id of offered.keys()) if (holds.get(id) !== 'offered') dropOffer(id)
  for (const [id, column] of open) column.hold(holds.get(id))
  drawTabs()
}

function showOffer({ conversation, expiresAt }) {
  dropOffer(conversation.id)
  const { id, customer, requirements, transcript } = conversation
  // A yes or a no says little: what was written at length is what it is about.
  const asked = transcript
    .filter(({ author }) => author === 'customer')
    .reduce((longest, { text }) => (text.length > longest.length ? text : longest), '')
  const name = customer.name ?? 'A visitor'
  const accept = h(
    'button',
    { class: 'main', type: 'button', onclick: () => void desk.accept(id).then(tellRefusal) },
    'Accept',
  )
  const card = h(
    'div',
    { class: 'offer', role: 'group', 'aria-label': `Offer: ${name}` },
    h('strong', {}, name),
    asked !== '' && h('p', { class: 'small' }, asked),
    h(
      'div',
      { class: 'row' },
      ...(requirements?.skills ?? []).map((skill) => h('span', { class: 'badge good' }, skill)),
      h('span', { class: 'small quiet', 'data-left': '' }),
    ),
    h('div', { class: 'countdown', 'aria-hidden': 'true' }, h('i')),
    h(
      'div',
      { class: 'row' },
      accept,
      h('button', { type: 'button', onclick: () => void desk.decline(id).then(tellRefusal) }, 'Decline'),
    ),
  )
  offers.append(card)
  offered.set(id, { card, expiresAt, startedAt: Date.now() })
  byId('alert').textContent = `New offer: ${name}`
  tick()
  document.title = '● Agent desk · Fern & Harbour'
}

function dropOffer(id) {
  offered.get(id)?.card.remove()
  offered.delete(id)
  byId('no-offers').hidden = offered.size > 0
  if (offered.size === 0) document.title = 'Agent desk · Fern & Harbour'
}

function tick() {
  for (const { card, expiresAt, startedAt } of offered.values()) {
    const left = Math.max(0, expiresAt - Date.now())
    const words = card.querySelector('[data-left]')
    if (words !== null) words.textContent = `${Math.ceil(left / 1000)} s left`
    const bar = /** @type {HTMLElement | null} */ (card.querySelector('.countdown i'))
    if (bar !== null) bar.style.transform = `scaleX(${left / Math.max(1, expiresAt - startedAt)})`
  }
  byId('no-offers').hidden = offered.size > 0
  for (const column of open.values()) column.tick()
}

function tellRefusal(receipt) {
  if (receipt.ok) return
  byId('alert').textContent = receipt.reason ?? receipt.hint
}

function show(id) {
  front = id
  for (const [own, column] of open) column.element.dataset['front'] = String(own === id)
  drawTabs()
}

function drop(id) {
  open.get(id)?.element.remove()
  open.delete(id)
  const [next] = open.keys()
  if (front === id && next !== undefined) show(next)
  drawTabs()
  showEmpty()
}

function drawTabs() {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['tab'] : undefined
  tabs.replaceChildren(
    ...[...open].map(([id, column]) => {
      const { name, state, isNew } = column.summary()
      const choose = () => {
        show(id)
        column.focus()
      }
      return h(
        'button',
        { class: 'tab', type: 'button', 'data-tab': id, 'aria-pressed': String(id === front), onclick: choose },
        h('span', {}, name),
        h('span', { class: `badge ${isNew ? 'warm' : ''}` }, isNew ? 'new' : state),
      )
    }),
  )
  if (focused !== undefined) /** @type {HTMLElement | null} */ (tabs.querySelector(`[data-tab="${focused}"]`))?.focus()
}

const empty = h(
  'div',
  { class: 'empty' },
  h('strong', {}, 'No conversations yet'),
  h('span', { class: 'small' }, 'Be online, and accept what you are offered. It opens here.'),
)
function showEmpty() {
  if (open.size === 0) columns.append(empty)
  else empty.remove()
}

presence.addEventListener('change', () => void desk.setPresence(/** @type {'online'} */ (presence.value)))
const who = /** @type {HTMLSelectElement} */ (byId('who'))
who.addEventListener('change', () => (location.search = `?as=${who.value}`))
await meetColleagues()
who.replaceChildren(
  ...[...colleagues.values()]
    .filter(({ agent }) => agent.id !== 'sue')
    .map(({ agent }) => h('option', { value: agent.id }, agent.name ?? agent.id)),
)
who.value = agentId
showEmpty()
tick()
setInterval(tick, 500)
setInterval(() => void meetColleagues().catch(() => {}), 10000)
// Whoever opens the desk of the demo sits down at it; a pause that was meant stays one.
const before = colleagues.get(agentId)?.presence ?? 'offline'
await desk.setPresence(before === 'offline' ? 'online' : /** @type {'online'} */ (before))
presence.disabled = false
for await (const update of desk.follow()) take(update)
