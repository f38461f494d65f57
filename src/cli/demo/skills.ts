/** What the people of the demo know. */
export const DEMO_SKILLS = ['billing', 'orders', 'travel', 'insurance', 'technical'] as const

export type DemoSkill = (typeof DEMO_SKILLS)[number]
