import { defineConfig } from 'maitred'
import { boundaries, csat, savedReplies } from 'maitred/plugins'

export const config = defineConfig({
  agents: [{ id: 'ana', name: 'Ana' }],
  plugins: [
    csat({ scale: 5, everyDays: 30 }),
    boundaries({
      words: ['numbskull'],
      ladder: [
        { do: 'warn', say: 'Let us keep this friendly.' },
        { do: 'end', say: 'We stop here.' },
        { do: 'block', say: 'We do not talk to you any more.' },
      ],
    }),
    savedReplies({
      values: { shop: 'Ropes & Co' },
      replies: [{ id: 'hello', shortcut: '/hello', text: 'Hello {{ customer.name }}, this is {{ shop }}.' }],
    }),
  ],
})
