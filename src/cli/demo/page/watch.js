import { connectAgent } from './client.js'
import { asComposer, byId, h, showMessage, stickToEnd } from './ui.js'

// What a supervisor does in a conversation: watches it, whispers to its agent, joins the talk, takes it over.

const SUPERVISOR = 'sue'
const panel = byId('watch')
/** @type {ReturnType<typeof connectAgent> | undefined} */
let connecting
let stop = new AbortController()

function connect() {
  connecting ??= connectAgent({ url: '/chat', token: `supervisor:${SUPERVISOR}` })
  return connecting
}

/** @param {{ id: string, customerName: string, nameOfAgent: (id: string) => string }} about */
export async function watch({ id, customerName, nameOfAgent }) {
  stop.abort()
  stop = new AbortController()
  const { signal } = stop
  const talk = h('div', { class: 'talk', role: 'log', tabindex: '0', 'aria-label': `Talk with ${customerName}` })
  const state = h('p', { class: 'quiet small', role: 'status' })
  const words = h('textarea', {
    rows: '1',
    name: 'words',
    'aria-label': 'Your words',
    placeholder: 'A word to the agent',
  })
  const button = (label, act, kind = '') => h('button', { type: 'button', class: kind, onclick: act }, label)
  let isIn = false
  let isMine = false

  const act = async (deed, done) => {
    try {
      const receipt = await deed(await connect())
      state.textContent = receipt.ok ? done : whyNot(receipt)
      return receipt.ok
    } catch (error) {
      state.textContent = error.hint ?? 'That did not work.'
      return false
    }
  }
  const speak = (verb, done) => async () => {
    const text = words.value.trim()
    if (text !== '' && (await act((desk) => desk[verb](id, text), done))) words.value = ''
  }
  const whisper = button('Whisper', speak('whisper', 'Only the agent sees it.'))
  const say = button('Say to the customer', speak('say', 'Said to the customer.'))
  const join = button('Join', () => act((desk) => desk.join(id), 'You are in the talk.'))
  const leave = button('Leave', () => act((desk) => desk.leave(id), 'You have left the talk.'))
  const takeOver = button('Take over', () =>
    act(async (desk) => {
      await desk.setPresence('online') // nobody is given to whoever is away
      const receipt = await desk.join(id, { takeOver: true })
      await desk.setPresence('draining') // here for this talk, and asked for no other
      return receipt
    }, 'It is yours now.'),
  )
  const shut = button('Stop watching', () => hide(), 'plain')
  const myDesk = h('a', { href: `/desk?as=${SUPERVISOR}` }, 'Go on at your desk')

  function show({ phase, agentId, guests = [] }) {
    const isLive = phase === 'live'
    isMine = agentId === SUPERVISOR
    isIn = guests.includes(SUPERVISOR) || isMine
    whisper.hidden = !isLive || isMine
    join.hidden = !isLive || isIn
    leave.hidden = !isIn || isMine
    takeOver.hidden = !isLive || isMine
    say.hidden = !isIn || !isLive
    words.hidden = !isLive
    myDesk.hidden = !isMine
    if (!isLive) state.textContent = 'No agent is in this talk: it can be watched.'
  }

  panel.replaceChildren(
    h('div', { class: 'row spread' }, h('h2', {}, `Watching ${customerName}`), shut),
    talk,
    words,
    h('div', { class: 'row' }, whisper, say, join, leave, takeOver, myDesk),
    state,
  )
  panel.hidden = false
  stickToEnd(talk)
  asComposer(/** @type {HTMLTextAreaElement} */ (words), () => (whisper.hidden ? say : whisper).click())
  shut.focus()
  const nameOf = ({ author, agentId }) =>
    author === 'customer' ? customerName : author === 'agent' ? nameOfAgent(agentId) : 'Assistant'
  const desk = await connect()
  show(await desk.view(id))
  for await (const update of desk.watch(id, { signal })) {
    if (update.type === 'message') talk.append(showMessage(update.message, { side: 'agent', nameOf }))
    if (update.type === 'conversation') show(update.conversation)
  }
}

function hide() {
  stop.abort()
  panel.hidden = true
}

function whyNot({ code, reason }) {
  if (code === 'NO_CAPACITY') return 'All your seats are taken.'
  return reason ?? `That was refused: ${code}.`
}
