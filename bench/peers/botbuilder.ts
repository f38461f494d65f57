import type { Bot } from '../peers.ts'
import { reply, type Search, type Stage } from './articles.ts'

interface TurnContext {
  readonly activity: { readonly text: string }
  sendActivity(text: string): Promise<unknown>
}

interface Property {
  get(context: TurnContext, initial: { stage: Stage }): Promise<{ stage: Stage }>
}

/** What is used of the package. */
interface BotBuilder {
  readonly BotAdapter: new () => {
    runMiddleware(context: TurnContext, logic: (context: TurnContext) => Promise<void>): Promise<void>
  }
  readonly TurnContext: new (adapter: object, activity: object) => TurnContext
  readonly MemoryStorage: new () => object
  readonly ConversationState: new (
    storage: object,
  ) => {
    createProperty(name: string): Property
    saveChanges(context: TurnContext): Promise<void>
  }
  readonly ActivityHandler: new () => {
    onMessage(handler: (context: TurnContext, next: () => Promise<void>) => Promise<void>): unknown
    run(context: TurnContext): Promise<void>
  }
}

/** With a quiet adapter of our own: what its own adapters do besides is the network. */
export function botbuilderBot(sdk: BotBuilder, search: Search): Bot {
  let replyCount = 0
  class QuietAdapter extends sdk.BotAdapter {
    sendActivities(_context: TurnContext, activities: readonly object[]): Promise<readonly { readonly id: string }[]> {
      replyCount += activities.length
      return Promise.resolve(activities.map(() => ({ id: String(replyCount) })))
    }
    updateActivity(): Promise<void> {
      return Promise.resolve()
    }
    deleteActivity(): Promise<void> {
      return Promise.resolve()
    }
    continueConversation(): Promise<void> {
      return Promise.resolve()
    }
  }
  const adapter = new QuietAdapter()
  const state = new sdk.ConversationState(new sdk.MemoryStorage())
  const progress = state.createProperty('progress')
  const handler = new sdk.ActivityHandler()
  handler.onMessage(async (context, next) => {
    const known = await progress.get(context, { stage: 'new' })
    const { stage, text } = reply({ stage: known.stage, text: context.activity.text }, search)
    known.stage = stage
    await context.sendActivity(text)
    await state.saveChanges(context)
    await next()
  })
  let count = 0
  return {
    replyCount: () => replyCount,
    say(conversationId, text) {
      count += 1
      const activity = {
        type: 'message',
        id: String(count),
        channelId: 'web',
        text,
        from: { id: conversationId, name: 'Kim' },
        recipient: { id: 'bot', name: 'bot' },
        conversation: { id: conversationId },
        serviceUrl: 'https://example.com',
        timestamp: new Date(),
      }
      return adapter.runMiddleware(new sdk.TurnContext(adapter, activity), (context) => handler.run(context))
    },
  }
}
