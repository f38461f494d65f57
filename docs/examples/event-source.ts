import { EventSource } from 'eventsource' // in a browser it is there already

interface Message {
  readonly author: string
  readonly text: string
}

/** The stream of a conversation, read by an event source: it comes back by itself, and goes on where it was. */
export function listen(chat: string, id: string, token: string, hear: (message: Message) => void): EventSource {
  const source = new EventSource(`${chat}/conversations/${id}/events?token=${token}`)
  source.addEventListener('message', ({ data }) => hear((JSON.parse(data as string) as { message: Message }).message))
  return source
}
