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
    else if (/^(class|role|for|type|name|title|rows|src|alt|open|href|target|rel|tabindex|(aria|data)-)/.test(name))
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
  const files = (message.attachments ?? []).map(showFile)
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

/** A picture of our own is shown, anything else is a link. @param {{ readonly url: string, readonly name: string }} file */
function showFile({ url, name }) {
  const isPicture = url.startsWith(`${location.origin}/`) && /\.(png|jpe?g|gif|webp)$/i.test(url)
  return h(
    'a',
    { class: `file ${isPicture ? 'picture' : ''}`, href: url, target: '_blank', rel: 'noopener noreferrer' },
    isPicture ? h('img', { src: url, alt: name }) : name,
  )
}

/**
 * A button that takes a file, puts it where the shop keeps its files, and hands on where that is.
 * @param {(attachments: readonly { url: string, name: string }[]) => unknown} send
 * @param {(problem: string) => void} complain
 */
export function attachButton(send, complain) {
  const field = h('input', { type: 'file', hidden: true, 'aria-label': 'File' })
  const button = h('button', {
    type: 'button',
    class: 'plain clip',
    'aria-label': 'Attach a file',
    title: 'Attach a file',
  })
  button.innerHTML =
    '<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="m20 11-8.2 8.2a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4L14.5 7" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
  button.addEventListener('click', () => field.click())
  field.addEventListener('change', async () => {
    const [file] = /** @type {HTMLInputElement} */ (field).files ?? []
    if (file === undefined) return
    const response = await fetch(`/files?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file }).catch(
      () => undefined,
    )
    Reflect.set(field, 'value', '')
    if (response?.ok === true) await send([await response.json()])
    else complain(response?.status === 413 ? 'That file is too large: at most 5 MB.' : 'The file could not be sent.')
  })
  return [button, field]
}

/** "Read" under the newest of one's own messages that the other side has read. @param {HTMLElement} talk */
export function readMark(talk) {
  const sign = h('div', { class: 'seen' }, 'Read')
  let upTo = 0
  const draw = () => {
    const own = [...talk.querySelectorAll('.said.mine[data-seq]')]
    const last = own.findLast((one) => Number(one.getAttribute('data-seq')) <= upTo)
    if (last === undefined) sign.remove()
    else if (sign.parentElement !== last) last.append(sign)
  }
  return {
    draw,
    /** @param {number} seq */
    upTo(seq) {
      upTo = Math.max(upTo, seq)
      draw()
    },
    forget() {
      upTo = 0
      draw()
    },
  }
}

/**
 * Tells the other side how far was read: what stands in a talk that is shown, on a page that is looked at.
 * @param {HTMLElement} talk
 * @param {(seq: number) => unknown} tell
 */
export function reportReading(talk, tell) {
  let newest = 0
  let told = 0
  let soon = 0
  const look = () => {
    clearTimeout(soon)
    soon = setTimeout(() => {
      if (newest <= told || document.visibilityState !== 'visible' || talk.offsetParent === null) return
      tell((told = newest))
    }, 200)
  }
  document.addEventListener('visibilitychange', look)
  addEventListener('focus', look)
  return {
    /** @param {number} seq */
    came(seq) {
      newest = Math.max(newest, seq)
      look()
    },
    look,
    /** The line was cut: perhaps it was not heard. */
    again() {
      told = 0
      look()
    },
    forget() {
      newest = told = 0
    },
  }
}

export function dots() {
  return h('div', { class: 'dots', role: 'status', 'aria-label': 'is typing' }, h('i'), h('i'), h('i'))
}

/** Shows the newest, whatever changes around it, unless somebody reads further up. @param {HTMLElement} talk */
export function stickToEnd(talk) {
  let isAtEnd = true
  const follow = () => {
    // At once: on a smooth way down every step would look as if somebody read further up.
    if (isAtEnd) talk.scrollTo({ top: talk.scrollHeight, behavior: 'instant' })
  }
  talk.addEventListener('scroll', () => {
    isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40
  })
  talk.addEventListener('load', follow, true) // a picture has come, and with it its height
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
