import { type Conversation, isMaitredError, type Receipt } from 'maitred'

/** Says it once, however often the store has to be asked. */
export async function sayOnce(conversation: Conversation, text: string): Promise<Receipt> {
  const key = crypto.randomUUID()
  for (let tries = 1; ; tries += 1) {
    try {
      return await conversation.say(text, { key })
    } catch (error) {
      if (!isMaitredError(error) || !error.retryable || tries === 3) throw error
    }
  }
}
