import { connectCustomer } from './client.js'
import {
  asComposer,
  atMost,
  attachButton,
  byId,
  dots,
  h,
  readMark,
  reportReading,
  showMessage,
  stickToEnd,
  timeOfDay,
} from './ui.js'

// The customer's widget: everything it knows it was told by the stream, so it is right again after every reload.

const [launcher, widget, talk, place] = ['launcher', 'widget', 'talk', 'place'].map(byId)
const words = /** @type {HTMLTextAreaElement} */ (byId('words'))
/** @type {Promise<Awaited<ReturnType<typeof connectCustomer>>> | undefined} */
let connecting
/** @type {Record<string, any> | undefined} */
let view
/** @type {HTMLElement | undefined} */
let choices
/** @type {HTMLElement | undefined} */
let transient
let hush = 0

const nameOf = (message) =>
  ({ customer: 'You', bot: 'Assistant', agent: view?.agentName ?? 'Agent', system: '' })[message.author]

const mark = readMark(talk)
const reading = reportReading(talk, (seq) => void connecting?.then((kim) => kim.read(seq)))

function connect() {
  connecting ??= connectCustomer({
    url: '/chat',
    page: location.pathname,
    onUpdate: take,
    onStatus(status) {
      byId('offline').hidden = status === 'online'
      if (status === 'online') reading.again()
    },
  })
  return connecting
}

function take(update) {
  if (update.type === 'message') return addMessage(update.message)
  if (update.type === 'read') return mark.upTo(update.seq)
  if (update.type === 'typing') return showTransient(dots(), 4000)
  if (update.type === 'partial')
    return showTransient(h('div', { class: 'said' }, h('div', { class: 'words' }, update.text)), 30000)
  if (update.type === 'conversation') showState(update.conversation)
}

function addMessage(message) {
  transient?.remove()
  if (message.author === 'customer')
    [...talk.querySelectorAll('.waiting')].find((one) => one.textContent?.includes(message.text))?.remove()
  talk.append(showMessage(message, { side: 'customer', nameOf }))
  if (message.author === 'customer') mark.draw()
  else reading.came(message.seq)
  showChoices(message)
}

/** The buttons under the newest message that has some; gone once something was said. */
function showChoices({ author, choices: offered = [] }) {
  if (author === 'customer' || offered.length > 0) choices?.remove()
  if (offered.length === 0) return
  const choose = (id) => () => {
    choices?.remove()
    words.focus()
    void act((kim) => kim.choose(id))
  }
  choices = h(
    'div',
    { class: 'choices', role: 'group', 'aria-label': 'Choices' },
    ...offered.map(({ id, label }) => h('button', { type: 'button', onclick: choose(id) }, label)),
  )
  talk.append(choices)
}

function showTransient(element, ms) {
  clearTimeout(hush)
  transient?.remove()
  talk.append((transient = element))
  hush = setTimeout(() => transient?.remove(), ms)
}

function showState(conversation) {
  view = conversation
  const { phase, queue, agentName } = conversation
  byId('who-answers').textContent =
    {
      waiting: 'Looking for somebody for you',
      live: `${agentName ?? 'An agent'} is with you`,
      async: 'Your message is with us',
      closed: 'This chat is over',
    }[phase] ?? 'We usually answer at once.'
  place.hidden = phase !== 'waiting' || queue === undefined
  if (queue !== undefined)
    place.textContent = `You are number ${[queue.position].flat().join(' to ')} in the queue${waitOf(queue.wait)}.`
  if (phase === 'closed') choices?.remove()
  byId('person').hidden = !['greeting', 'helping'].includes(phase)
  byId('leave').hidden = phase === 'closed'
}

function waitOf(wait) {
  return typeof wait === 'object' ? `, about ${Math.max(1, Math.round(wait.p50Ms / 60000))} min` : ''
}

async function say() {
  const text = words.value.trim()
  if (text === '') return
  words.value = ''
  if (view?.phase === 'closed') await comeBack()
  const waiting = h('div', { class: 'said mine waiting' }, h('div', { class: 'words' }, text))
  talk.append(waiting)
  choices?.remove()
  await act((kim) => kim.say(text)).finally(() => setTimeout(() => waiting.remove(), 500))
}

/** Words in the field go with it. @param {readonly { url: string, name: string }[]} attachments */
async function attach(attachments) {
  const text = words.value.trim()
  words.value = ''
  if (view?.phase === 'closed') await comeBack()
  await act((kim) => kim.say(text, { attachments }))
  words.focus()
}

/** Whoever writes after the end is taken up again, or begins anew. */
async function comeBack() {
  ;(await connecting)?.disconnect()
  connecting = undefined
  talk.replaceChildren()
  mark.forget()
  reading.forget()
  await connect()
}

async function act(deed) {
  try {
    const receipt = await deed(await connect())
    if (receipt?.ok === false && receipt.code === 'RATE_LIMITED') tell('That was a lot at once. Please wait a moment.')
    return receipt
  } catch (error) {
    tell(error.hint ?? 'That did not work.')
  }
}

function tell(text) {
  talk.append(h('div', { class: 'said system', role: 'alert' }, h('div', { class: 'words' }, text)))
}

async function showEarlier() {
  const conversations = await (await connect()).earlier()
  const lines = conversations
    .filter(({ id }) => id !== view?.id)
    .map(({ openedAt, transcript, outcome }) => {
      const asked = transcript.find(({ author }) => author === 'customer')?.text ?? 'nothing asked'
      return h(
        'details',
        { class: 'article' },
        h(
          'summary',
          {},
          `${new Date(openedAt).toLocaleDateString()} ${timeOfDay(openedAt)}: ${asked} (${outcome ?? 'open'})`,
        ),
        h('p', {}, transcript.map(({ author, text }) => `${author}: ${text}`).join('\n')),
      )
    })
  talk.append(
    ...(lines.length > 0
      ? lines
      : [h('div', { class: 'said system' }, h('div', { class: 'words' }, 'No earlier chats.'))]),
  )
}

function open(isOpen) {
  widget.hidden = !isOpen
  launcher.hidden = isOpen
  launcher.setAttribute('aria-expanded', String(isOpen))
  sessionStorage.setItem('open', String(isOpen))
  if (!isOpen) return launcher.focus()
  void connect()
  reading.look()
  words.focus()
}

launcher.addEventListener('click', () => open(true))
byId('shut').addEventListener('click', () => open(false))
widget.addEventListener('keydown', (event) => event.key === 'Escape' && open(false))
words.after(...attachButton(attach, tell))
byId('composer').addEventListener('submit', (event) => {
  event.preventDefault()
  void say()
})
byId('person').addEventListener('click', () => act((kim) => kim.requestAgent()))
byId('leave').addEventListener('click', () => act((kim) => kim.leave()))
byId('earlier').addEventListener('click', () => void showEarlier())
stickToEnd(talk)
asComposer(words, () => void say())
words.addEventListener(
  'input',
  atMost(() => void connecting?.then((kim) => kim.typing()), 2000),
)
// The place in the queue changes with what others do, and nothing is stored of that: it is asked for.
setInterval(async () => {
  if (view?.phase === 'waiting' && connecting !== undefined) showState(await (await connecting).view())
}, 2500)
if (sessionStorage.getItem('open') === 'true') open(true)
