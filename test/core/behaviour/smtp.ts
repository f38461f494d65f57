import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

// As little of SMTP (RFC 5321) as a letter takes, on a real line: a house that takes letters, and somebody who brings them.

export interface Letter {
  readonly to: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly at: number
}

export interface PostOffice extends AsyncDisposable {
  readonly port: number
  /** Whatever was brought to its end, taken or not. */
  readonly brought: readonly Letter[]
  readonly taken: readonly Letter[]
}

/** What is said to a letter: a line such as `451 4.3.0 later`; `lost`: taken, but nobody hears of it. */
export type Verdict = (letter: Letter, attempt: number) => string

export async function openPostOffice(now: () => number, verdict: Verdict = () => '250 taken'): Promise<PostOffice> {
  const [brought, taken, open]: [Letter[], Letter[], Set<Socket>] = [[], [], new Set()]
  const judge = (letter: Letter): string => {
    brought.push(letter)
    const said = verdict(letter, brought.length)
    if (said === 'lost' || said.startsWith('250')) taken.push(letter)
    return said
  }
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {}) // `close` follows
    void serve(socket, judge, now)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    brought,
    taken,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function serve(socket: Socket, judge: (letter: Letter) => string, now: () => number): Promise<void> {
  socket.write('220 post.example ESMTP\r\n')
  let [to, isReading]: [string, boolean] = ['', false]
  let lines: string[] = []
  for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (isReading && line !== '.') lines.push(line.startsWith('.') ? line.slice(1) : line)
    else if (isReading) {
      isReading = false
      const said = judge({ ...parse(lines), to, at: now() })
      lines = []
      if (said === 'lost') return void socket.destroy()
      socket.write(`${said}\r\n`)
    } else if (line === 'DATA') {
      isReading = true
      socket.write('354 go on\r\n')
    } else if (line === 'QUIT') return void socket.end('221 bye\r\n')
    else {
      to = /^RCPT TO:<(.+)>$/.exec(line)?.[1] ?? to
      socket.write(/^(EHLO|MAIL FROM:|RCPT TO:)/.test(line) ? '250 fine\r\n' : '500 what\r\n')
    }
  }
}

function parse(lines: readonly string[]): Pick<Letter, 'headers' | 'text'> {
  const end = lines.indexOf('')
  const headers = lines.slice(0, end).map((line) => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)] as const
  })
  return { headers: Object.fromEntries(headers), text: lines.slice(end + 1).join('\n') }
}

/** What a post office has said no to; 5xx is for good. */
export class Refused extends Error {
  readonly status: number
  constructor(line: string) {
    super(line)
    this.status = Number(line.slice(0, 3))
  }
}

export interface Postman {
  send(mail: {
    readonly to: string
    readonly subject: string
    readonly text: string
    readonly headers: Readonly<Record<string, string>>
  }): Promise<void>
  /** Until nobody is on the way. */
  idle(): Promise<void>
}

export function createPostman(port: number): Postman {
  const onTheWay = new Set<Promise<void>>()
  const bring: Postman['send'] = async ({ to, subject, text, headers }) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}) // the lines end, and that is said below
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    const hear = async (expected: string): Promise<void> => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the line is gone')
      if (!value.startsWith(expected)) throw new Refused(value)
    }
    const say = (line: string, expected: string): Promise<void> => {
      socket.write(`${line}\r\n`)
      return hear(expected)
    }
    try {
      await hear('220')
      await say('EHLO shop.example', '250')
      await say('MAIL FROM:<chat@shop.example>', '250')
      await say(`RCPT TO:<${to}>`, '250')
      await say('DATA', '354')
      const all = { From: 'chat@shop.example', To: to, Subject: subject, ...headers }
      const head = Object.entries(all).map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/g, ' ')}`)
      const body = text.split(/\r?\n/).map((line) => (line.startsWith('.') ? `.${line}` : line))
      await say([...head, 'Content-Type: text/plain; charset=utf-8', '', ...body, '.'].join('\r\n'), '250')
      await say('QUIT', '221')
    } finally {
      socket.destroy()
    }
  }
  return {
    send(mail) {
      const sent = bring(mail).finally(() => onTheWay.delete(sent))
      onTheWay.add(sent)
      return sent
    },
    async idle() {
      do {
        await Promise.allSettled(onTheWay)
        for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
      } while (onTheWay.size > 0)
    },
  }
}
