import { definePlugin } from 'maitred'

export const hours = definePlugin({
  name: 'hours',
  version: '1.0.0',
  hooks: {
    'bot:answer': (question) => (/opening hours/i.test(question) ? { text: 'From nine to six.' } : undefined),
  },
})
