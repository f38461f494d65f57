import { toMs } from '../core/duration.ts'
import { MaitredError } from '../core/errors.ts'
import { parseCustomer } from '../core/schema.ts'
import type { Duration } from '../core/types.ts'
import { type Auth, checkIdentity, type Identity } from './identity.ts'

export interface Tokens {
  /** A token for somebody whom the product itself has recognised. @throws MaitredError `CONFIG_INVALID`, `EVENT_INVALID` if it is no identity */
  sign(identity: Identity): Promise<string>
  /** Reads it again: from `authorization: Bearer`, from the cookie `maitred`, or from `?token=`. */
  readonly verify: Auth
}

const ISSUER = 'maitred'
const ALGORITHM = 'HS256'
const SHORTEST = 32

/**
 * Signed tokens, for where the product's own session does not reach: another domain, a mobile app. Needs the package `jose`.
 * @throws MaitredError `CONFIG_INVALID` for a secret that could be guessed
 * @example const tokens = createTokens({ secret: process.env.CHAT_SECRET, lifetime: '1h' })
 */
export function createTokens({
  secret,
  lifetime = '1h',
}: {
  readonly secret: string
  readonly lifetime?: Duration
}): Tokens {
  const key = new TextEncoder().encode(secret)
  if (key.length < SHORTEST) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a secret of at least ${SHORTEST} bytes, got ${key.length}.`,
      hint: 'Make one with `node -e "console.log(crypto.randomBytes(32).toString(\'base64\'))"` and keep it in the environment.',
      path: 'secret',
    })
  }
  const seconds = Math.ceil(toMs(lifetime, 'lifetime') / 1_000)
  return {
    async sign(identity) {
      refuseToSign(identity)
      const { SignJWT } = await loadJose()
      return new SignJWT({ identity })
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`)
        .sign(key)
    },
    async verify(request) {
      const token = tokenIn(request)
      if (token === undefined) return undefined
      const { jwtVerify } = await loadJose()
      const verified = await jwtVerify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER }).catch(() => undefined)
      return verified === undefined ? undefined : readIdentity(verified.payload['identity'])
    },
  }
}

async function loadJose(): Promise<typeof import('jose')> {
  try {
    return await import('jose')
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: '`createTokens` needs the package `jose`, which is not installed.',
      hint: 'Run `npm install jose`.',
      cause,
    })
  }
}

/** Event sources of browsers send no headers: they have the cookie, or the address. */
function tokenIn(request: Request): string | undefined {
  const bearer = /^bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const cookie = /(?:^|;\s*)maitred=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  return bearer ?? cookie ?? new URL(request.url).searchParams.get('token') ?? undefined
}

/** What is signed here is believed everywhere. */
function refuseToSign(identity: Identity): void {
  const checked = checkIdentity(identity ?? false, 'what is signed') // JavaScript may forget it
  if (checked?.role === 'customer') parseCustomer(checked.customer)
}

/** The signature says that it is ours; the shape may still be an older one, and then it is nobody. */
function readIdentity(value: unknown): Identity | undefined {
  try {
    const identity = checkIdentity(value, 'a token')
    return identity?.role === 'customer' ? { role: 'customer', customer: parseCustomer(identity.customer) } : identity
  } catch {
    return undefined
  }
}
