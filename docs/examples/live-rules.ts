import { defineConfig } from 'maitred'

export const config = defineConfig({
  agents: [
    { id: 'ana', name: 'Ana', capacity: 2 },
    { id: 'ben', name: 'Ben', capacity: 4, autoAccept: true },
    { id: 'sue', name: 'Sue', skills: ['supervising'], capacity: 1 },
  ],
  routing: {
    offerTimeout: '20s',
    offerTo: 2, // the first to accept gets it
    askAgainAfter: '5m', // those who declined
    noticeEvery: '2m',
    maxTransfers: 3,
    wrapUp: '30s',
    overflow: { after: '10m', to: 'callback' },
  },
  silence: { agentRemindAfter: '2m', agentAfter: '5m', idleAfter: '10m', closeAfter: '1h' },
  presence: { agentGrace: '1m', customerGrace: '2m' },
})
