/** A whole conversation with nothing but `fetch`: open, follow, say. Resolves to every message, once an agent has said goodbye. */
export async function talk(chat: string, headers: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const post = async (path: string, body: object): Promise<{ readonly id: string }> => {
    const key = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const response = await fetch(chat + path, { method: 'POST', headers: { ...headers, ...key }, body: JSON.stringify(body) })
    return (await response.json()) as { readonly id: string }
  }
  const { id } = await post('/conversations', { page: '/checkout' })
  const events = await fetch(`${chat}/conversations/${id}/events`, { headers })
  await post(`/conversations/${id}/say`, { text: 'a person, please' })

  const heard: string[] = []
  const decoder = new TextDecoder()
  let rest = ''
  const reader = events.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read()) {
    const blocks = (rest + decoder.decode(chunk.value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (!block.includes('event: message')) continue
      const { message } = JSON.parse(block.slice(block.indexOf('data: ') + 6)) as { message: { author: string; text: string } }
      heard.push(`${message.author}: ${message.text}`)
      if (message.author === 'agent') return heard
    }
  }
  return heard
}
