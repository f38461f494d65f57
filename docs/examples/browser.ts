import { connectAgent, connectCustomer } from 'maitred/client'

/** The customer's side: a widget. */
export async function openWidget(url: string, token: string, show: (line: string) => void) {
  const kim = await connectCustomer({ url, token, page: '/checkout', onMessage: ({ author, text }) => show(`${author}: ${text}`) })
  const receipt = await kim.say('a person, please')
  if (receipt.status === 'refused') show(`Not sent (${receipt.code}): keep the words, and let them be sent again in ${receipt.retryAfterMs ?? 0} ms.`)
  return kim
}

/** The agent's side: a desk that takes what it is offered, and greets. */
export async function sitDown(url: string, token: string) {
  const ana = await connectAgent({ url, token })
  await ana.setPresence('online', { lease: '45s' }) // renewed by itself; gone with the page
  void (async () => {
    for await (const update of ana.follow()) {
      if (update.type !== 'offer') continue
      await ana.accept(update.conversation.id)
      await ana.say(update.conversation.id, 'Hello, how can I help?')
    }
  })()
  return ana
}
