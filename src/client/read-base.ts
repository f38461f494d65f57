import { toKnown } from './answer.ts'

const page = globalThis as { readonly location?: { readonly protocol: string } }

/** What can never be reached is said at once. @throws Known `CONFIG_INVALID` */
export function readBase(link: { readonly url: string }): string {
  const { url } = (link ?? {}) as { readonly url?: unknown } // JavaScript may forget it
  try {
    const { protocol } = new URL(new Request(`${String(url)}/`).url) // a page may leave out the origin
    if (typeof url === 'string' && ['http:', 'https:', page.location?.protocol].includes(protocol))
      return url.replace(/\/$/, '')
  } catch {
    // as below
  }
  const [expected, hint] = [
    'Expected the address of the handler at `url`',
    'Give it as `https://shop.example/chat`; only a page may leave out the origin.',
  ]
  const got = typeof url === 'string' ? url : typeof url
  throw toKnown(`CONFIG_INVALID: ${expected}, got \`${got}\`. ${hint}`, {
    code: 'CONFIG_INVALID',
    hint,
    path: 'url',
    retryable: false,
  })
}
