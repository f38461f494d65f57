// What all three pages share: making elements, showing a talk, telling the time.

/** @typedef {import('../../../index.ts').Message} Message */

/**
 * An element. Properties that are functions are listeners, `class` and `data-`, `aria-` are attributes, the rest is set.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string | false | undefined | null)} children
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), /** @type {EventListener} */ (value))
    else if (/^(class|role|for|type|name|title|rows|open|href|target|rel|tabindex|(aria|data)-)/.test(name))
      element.setAttribute(name, value === true ? '' : String(value))
    else Reflect.set(element, name, value)
  }
  element.append(
    ...children
      .filter((child) => child !== undefined && child !== null && child !== false)
      .map((child) => /** @type {Node | string} */ (child)),
  )
  return element
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`there is no #${id}`)
  return found
}

/** @param {number} ms */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** @param {number} at */
export function timeOfDay(at) {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

/**
 * One message, as one of the two sides sees it.
 * @param {Message} message
 * @param {{ readonly side: 'customer' | 'agent', readonly nameOf: (message: Message) => string }} about
 */
export function showMessage(message, { side, nameOf }) {
  const mine = message.author === side
  const kind = message.internal
    ? 'note'
    : message.author === 'system'
      ? 'system'
      : mine
        ? 'mine'
        : message.author === 'customer'
          ? 'customer-side'
          : ''
  const articles = (message.suggestions ?? []).map(({ article }, index) =>
    h('details', { class: 'article', open: index === 0 }, h('summary', {}, article.title), h('p', {}, article.text)),
  )
  const files = (message.attachments ?? []).map(({ url, name }) =>
    h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, name),
  )
  // Where articles are shown as cards, the words that repeat them would be twice the same.
  const text = articles.length > 0 ? '' : message.text
  return h(
    'div',
    { class: `said ${kind}`, 'data-seq': String(message.seq) },
    kind !== 'system' && h('div', { class: 'who' }, `${nameOf(message)} · ${timeOfDay(message.at)}`),
    text !== '' && h('div', { class: 'words' }, text),
    ...articles,
    ...files,
  )
}

export function dots() {
  return h('div', { class: 'dots', role: 'status', 'aria-label': 'is typing' }, h('i'), h('i'), h('i'))
}

/** Shows the newest, whatever changes around it, unless somebody reads further up. @param {HTMLElement} talk */
export function stickToEnd(talk) {
  let isAtEnd = true
  const follow = () => {
    if (isAtEnd) talk.scrollTop = talk.scrollHeight
  }
  talk.addEventListener('scroll', () => {
    isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40
  })
  new ResizeObserver(follow).observe(talk)
  new MutationObserver(follow).observe(talk, { childList: true, subtree: true })
}

/** Enter sends, Shift+Enter is a new line, and the field grows with what is in it. @param {HTMLTextAreaElement} field @param {() => void} send */
export function asComposer(field, send) {
  const grow = () => {
    field.rows = Math.min(5, Math.max(1, field.value.split('\n').length))
  }
  field.addEventListener('input', grow)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
    grow()
  })
}

/** At most once every so often. @param {() => void} act @param {number} ms */
export function atMost(act, ms) {
  let last = 0
  return () => {
    if (Date.now() - last < ms) return
    last = Date.now()
    act()
  }
}
