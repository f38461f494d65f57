import type { Section } from './section.ts'
export const peers: Section = { name: 'peers', title: 'peers', run: async () => ({ base: '', rows: [] }) }
