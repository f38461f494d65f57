import { defineConfig } from 'maitred'

export default defineConfig({
  skills: ['billing', 'spanish'],
  agents: [
    { id: 'ana', name: 'Ana', skills: { billing: 5, spanish: 3 } },
    { id: 'ben', name: 'Ben', skills: ['billing'], capacity: 2 },
  ],
  routing: { target: '60s', relax: [{ after: '45s', drop: 'spanish' }], overflow: { after: '10m', to: 'async' } },
  admission: {
    hours: { timeZone: 'Europe/Madrid', week: { mon: ['09:00-14:00', '15:00-18:00'], sat: ['22:00-02:00'] }, closedOn: ['2026-12-25'] },
    maxQueue: 20,
    audience: ({ page }) => page !== '/jobs',
  },
  silence: { remindAfter: '3m', closeAfter: '10m' },
  texts: { greeting: ({ customer, language }) => `${language === 'es' ? 'Hola' : 'Hello'} ${customer.name ?? ''}` },
})
