import { byId, h, span, timeOfDay } from './ui.js'
import { watch } from './watch.js'

// The supervisor's view. An event source is enough here: the stream tells the whole floor whenever it changes.

const source = new EventSource('/chat/floor/events?token=supervisor:sue')
const names = new Map()
let floor
let skew = 0

source.addEventListener('open', () => {
  byId('offline').hidden = true
  byId('why').replaceChildren() // the latest are told again
})
source.addEventListener('error', () => (byId('offline').hidden = false))
source.addEventListener('floor', ({ data }) => {
  floor = JSON.parse(data)
  skew = floor.at - Date.now()
  draw()
})
source.addEventListener('offered', ({ data }) => {
  const { conversationId, agentId, at, because } = JSON.parse(data)
  const line = h(
    'li',
    {},
    h(
      'div',
      { class: 'row spread' },
      h(
        'span',
        {},
        h('strong', {}, nameOfAgent(agentId)),
        ` was asked for ${names.get(conversationId) ?? 'a visitor'}`,
      ),
      h('span', { class: 'quiet small' }, timeOfDay(at)),
    ),
    h('p', { class: 'quiet small' }, because),
  )
  byId('why').prepend(line)
  while (byId('why').children.length > 8) byId('why').lastElementChild?.remove()
  byId('no-why').hidden = true
})

const nameOfAgent = (id) => floor?.agents.find(({ agent }) => agent.id === id)?.agent.name ?? id

function draw() {
  if (floor === undefined) return
  const { agents, waiting, open } = floor
  const now = Date.now() + skew
  for (const { conversationId, customerName } of open) names.set(conversationId, customerName)
  const present = waiting.filter(({ reach }) => reach === 'present')
  const set = (id, text) => (byId(id).textContent = String(text))
  set('waiting-count', waiting.length)
  set('longest', span(present.length === 0 ? 0 : now - present[0].queuedAt))
  set('live-count', open.filter(({ phase }) => phase === 'live').length)
  set('bot-count', open.filter(({ phase }) => ['greeting', 'helping', 'closing'].includes(phase)).length)
  const staff = agents.filter(({ presence }) => presence !== 'offline')
  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0)
  set('seats', `${sum(staff, ({ load }) => load)} / ${sum(staff, ({ capacity }) => capacity)}`)
  byId('waiting').replaceChildren(...waiting.map((row) => drawWaiting(row, now)))
  byId('agents').replaceChildren(...agents.map(drawAgent))
  const focused = document.activeElement?.getAttribute('data-watch')
  byId('open').replaceChildren(...open.slice(0, 12).map((row) => drawOpen(row, now)))
  if (focused) /** @type {HTMLElement | null} */ (document.querySelector(`[data-watch="${focused}"]`))?.focus()
  byId('nobody').hidden = waiting.length > 0
  byId('no-open').hidden = open.length > 0
}

function drawWaiting({ customerName, queuedAt, skills, reach, place }, now) {
  const wait =
    typeof place?.wait === 'object'
      ? `about ${span(place.wait.p50Ms)}, at most ${span(place.wait.p90Ms)}`
      : 'no forecast yet'
  return h(
    'li',
    {},
    h('div', { class: 'row spread' }, h('strong', {}, customerName), h('span', {}, span(now - queuedAt))),
    h(
      'div',
      { class: 'row small quiet' },
      place !== undefined && h('span', {}, `number ${[place.position].flat().join(' to ')}`),
      h('span', {}, wait),
      ...skills.map((skill) => h('span', { class: 'badge good' }, skill)),
      reach === 'away' && h('span', { class: 'badge' }, 'left a message'),
    ),
  )
}

function drawAgent({ agent, presence, load, capacity }) {
  const fill = h('i')
  fill.style.width = `${capacity === 0 ? 0 : Math.min(100, (100 * load) / capacity)}%`
  const skills = Array.isArray(agent.skills) ? agent.skills : Object.keys(agent.skills ?? {})
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'row' },
      h('strong', {}, agent.name ?? agent.id),
      h('span', { class: `badge ${presence === 'online' ? 'good' : presence === 'offline' ? '' : 'warm'}` }, presence),
      h('span', { class: 'meter', role: 'img', 'aria-label': `${load} of ${capacity} seats taken` }, fill),
      h('span', { class: 'small' }, `${load} / ${capacity}`),
    ),
    h('p', { class: 'quiet small' }, skills.join(', ')),
  )
}

function drawOpen({ conversationId, customerName, path, agentId, openedAt, messageCount }, now) {
  return h(
    'li',
    { class: 'row spread' },
    h('span', {}, h('strong', {}, customerName), agentId !== undefined && ` with ${nameOfAgent(agentId)}`),
    h(
      'span',
      { class: 'row small quiet' },
      h('span', { class: 'badge' }, path.replace('.', ': ')),
      `${messageCount} messages, ${span(now - openedAt)}`,
      h(
        'button',
        {
          type: 'button',
          'aria-label': `Watch ${customerName}`,
          'data-watch': conversationId,
          onclick: () => void watch({ id: conversationId, customerName, nameOfAgent }).catch(() => undefined),
        },
        'Watch',
      ),
    ),
  )
}

setInterval(draw, 1000)
