import { createInterface } from 'node:readline'
import type { Choice, Message } from '../../index.ts'
import { type Io, isInteractive } from '../io.ts'
import { createPaint, type Paint } from '../paint.ts'

/** Where a person reads and types; or, without a terminal, where lines come in and go out. */
export interface Screen {
  show(message: Message): void
  note(text: string): void
  /** What is typed, until the end of it. */
  readonly lines: AsyncIterable<string>
  /** Says that it is the person's turn. */
  prompt(): void
  close(): void
}

export function openScreen(io: Io, nameOf: (message: Message) => string): Screen {
  const isTerminal = isInteractive(io)
  const paint = createPaint(io.stdout)
  const reader = createInterface({
    input: io.stdin,
    ...(isTerminal ? { output: io.stdout } : {}),
    terminal: isTerminal,
    prompt: '> ',
  })
  const print = (text: string): void => {
    io.stdout.write(isTerminal ? `\r\u001B[K${text}\n` : `${text}\n`)
    if (isTerminal) reader.prompt(true) // what was being typed comes back under the new line
  }
  return {
    show(message) {
      if (isTerminal && message.author === 'customer') return // they see what they have typed
      print(toText(message, nameOf(message), paint))
    },
    note: (text) => print(paint.dim(text)),
    lines: reader,
    prompt() {
      if (isTerminal) reader.prompt()
    },
    close: () => reader.close(),
  }
}

/** Nothing is shown; lines still come in. */
export function openSilentScreen({ stdin }: Io): Screen {
  const reader = createInterface({ input: stdin, terminal: false })
  const nothing = (): void => {}
  return { show: nothing, note: nothing, lines: reader, prompt: nothing, close: () => reader.close() }
}

function toText({ author, text, choices }: Message, name: string, paint: Paint): string {
  const colour = author === 'customer' ? paint.customer : author === 'agent' ? paint.agent : paint.bold
  const margin = ' '.repeat(name.length + 2)
  const lines = [...text.split('\n'), ...(choices === undefined ? [] : [toMenu(choices)])]
  return `${colour(`${name}:`)} ${lines.join(`\n${margin}`)}`
}

/** Numbers to type; a scale needs no more than itself. */
function toMenu(choices: readonly Choice[]): string {
  const isScale = choices.every(({ label }, index) => label === String(index + 1))
  return choices.map(({ label }, index) => (isScale ? `[${label}]` : `[${index + 1}] ${label}`)).join('  ')
}
