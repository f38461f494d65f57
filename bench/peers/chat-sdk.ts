import type { Bot } from '../peers.ts'
import { reply, type Search, type Stage } from './articles.ts'

interface Thread {
  readonly state: Promise<{ readonly stage?: Stage } | null>
  setState(state: { readonly stage: Stage }): Promise<void>
  post(text: string): Promise<unknown>
}

interface Chat {
  initialize(): Promise<void>
  onDirectMessage(handler: (thread: Thread, message: { readonly text: string }) => Promise<void>): void
  handleIncomingMessage(adapter: object, threadId: string, message: object): Promise<void>
}

/** What is used of the package. */
interface ChatSdk {
  readonly Chat: new (options: object) => Chat
  readonly Message: new (data: object) => object
  parseMarkdown(text: string): object
}

/** With a quiet adapter of our own, each conversation a direct message. */
export async function chatSdkBot(
  sdk: ChatSdk,
  { memory, search }: { readonly memory: { createMemoryState(): object }; readonly search: Search },
): Promise<Bot> {
  let replyCount = 0
  const ignore = (): Promise<void> => Promise.resolve()
  const adapter = {
    name: 'web',
    userName: 'bot',
    initialize: ignore,
    disconnect: ignore,
    isDM: () => true,
    channelIdFromThreadId: (threadId: string) => threadId,
    encodeThreadId: (id: string) => `web:${id}`,
    decodeThreadId: (id: string) => id.slice('web:'.length),
    postMessage(threadId: string, message: unknown) {
      replyCount += 1
      return Promise.resolve({ id: String(replyCount), threadId, raw: message })
    },
    startTyping: ignore,
    renderFormatted: () => '',
    parseMessage: (raw: object) => raw,
  }
  const chat = new sdk.Chat({
    userName: 'bot',
    adapters: { web: adapter },
    state: memory.createMemoryState(),
    logger: 'silent',
  })
  chat.onDirectMessage(async (thread, message) => {
    const known = (await thread.state)?.stage ?? 'new'
    const { stage, text } = reply({ stage: known, text: message.text }, search)
    if (stage !== known) await thread.setState({ stage })
    await thread.post(text)
  })
  await chat.initialize()
  let count = 0
  return {
    replyCount: () => replyCount,
    say(conversationId, text) {
      count += 1
      const threadId = `web:${conversationId}`
      const message = new sdk.Message({
        id: String(count),
        threadId,
        text,
        formatted: sdk.parseMarkdown(text),
        raw: {},
        author: { userId: conversationId, userName: 'kim', fullName: 'Kim', isBot: false, isMe: false },
        metadata: { dateSent: new Date(), edited: false },
        attachments: [],
      })
      return chat.handleIncomingMessage(adapter, threadId, message)
    },
  }
}
