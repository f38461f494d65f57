import type { Channel } from 'maitred'

/** However mail leaves your house: nodemailer, an API, a queue. Rejects when it cannot take one now. */
interface Mailer {
  send(mail: {
    readonly to: string
    readonly subject: string
    readonly text: string
    readonly headers: Readonly<Record<string, string>>
  }): Promise<void>
}

/** One thread for each conversation, and at most one letter a minute. */
export function emailChannel(mailer: Mailer, domain: string): Channel {
  return {
    name: 'email',
    pause: '1m',
    async deliver({ text, attachments = [] }, { conversationId, customer, key }) {
      if (customer.email === undefined) return 'gone' // the next channel is asked
      const thread = `<${conversationId}@${domain}>`
      await mailer.send({
        to: customer.email,
        subject: 'Your conversation with us',
        text: [text, ...attachments.map(({ name, url }) => `${name}: ${url}`)].join('\n'),
        // The key is the same however often it is tried, so a letter that was sent twice is one to the reader.
        headers: { 'Message-ID': `<${key.replace('/', '.')}@${domain}>`, 'In-Reply-To': thread, References: thread },
      })
      return 'sent'
    },
  }
}
