import MiniSearch from 'minisearch'
import type { Article } from '../../src/index.ts'

const TOPICS = [
  ['refund', 'When do I get my refund?', 'The money is on your account within five days of our confirmation.'],
  ['invoice', 'Where do I find my invoice?', 'Every invoice is in your account, under orders, as a document to print.'],
  ['delivery', 'How long does delivery take?', 'A parcel takes three working days; abroad it takes a week.'],
  ['password', 'How do I change my password?', 'Open the settings of your account and choose a new password.'],
  ['baggage', 'How much baggage may I take?', 'One cabin bag and one suitcase of at most twenty kilograms.'],
  ['seat', 'Can I choose my seat?', 'Seats are chosen at the check-in, or before for a small fee.'],
  ['voucher', 'How do I use a voucher?', 'Type the code of the voucher into the field beneath the basket.'],
  ['warranty', 'How long is the warranty?', 'Two years from the day of purchase; keep the receipt.'],
  ['cancel', 'How do I cancel my booking?', 'Choose the booking in your account and cancel it until the day before.'],
  ['newsletter', 'How do I leave the newsletter?', 'Follow the link at the end of any newsletter.'],
  [
    'address',
    'How do I change my address?',
    'Addresses are kept in the settings; orders on their way keep the old one.',
  ],
  ['card', 'Which credit cards do you take?', 'All common credit cards, and payment by direct debit.'],
  ['pet', 'May my pet travel with me?', 'Small dogs and cats travel in the cabin, in a carrier.'],
  ['meal', 'Can I order a vegetarian meal?', 'Order meals until two days before departure.'],
  ['insurance', 'What does the insurance cover?', 'Illness, accident and loss before and during the journey.'],
  ['student', 'Is there a student discount?', 'Students pay ten percent less with a valid card.'],
  ['repair', 'How do I send something for repair?', 'Print the label for the repair and bring the parcel to any shop.'],
  ['size', 'How do I find my size?', 'The table of sizes is beneath each picture.'],
  ['stock', 'When will it be back in stock?', 'Leave your email beside the product, and we write when it is back.'],
  ['gift', 'Can you wrap it as a gift?', 'Choose gift wrapping in the basket.'],
] as const

/** A small help centre. */
export const ARTICLES: readonly Article[] = TOPICS.map(([id, title, text]) => ({ id, title, text }))

/** One for each article, in other words than its title. */
export const QUESTIONS: readonly string[] = TOPICS.map(([id]) => `please tell me about the ${id}`)

const words = TOPICS.map(([id, , text]) => ({ word: new RegExp(`\\b${id}\\b`, 'i'), text }))

/** Finds an answer among the articles. */
export type Search = (question: string) => string | undefined

/** The least that does it: the first article whose topic is among the words. */
export const wordMatch: Search = (question) => words.find(({ word }) => word.test(question))?.text

/** MiniSearch as its documentation shows it: titles count double, prefixes and small typos match; the best hit. */
export function miniSearch(): Search {
  const index = new MiniSearch<Article>({
    fields: ['title', 'text'],
    storeFields: ['text'],
    searchOptions: { boost: { title: 2 }, prefix: true, fuzzy: 0.2 },
  })
  index.addAll(ARTICLES)
  return (question) => {
    const text: unknown = index.search(question)[0]?.['text']
    return typeof text === 'string' ? text : undefined
  }
}

export type Stage = 'new' | 'helping' | 'handedOff'

/** The bot that all of them are, but maitred, which brings its own. */
export function reply(
  { stage, text }: { readonly stage: Stage; readonly text: string },
  search: Search,
): { readonly stage: Stage; readonly text: string } {
  if (stage === 'new') return { stage: 'helping', text: 'Hello! What can I help you with?' }
  if (/\bperson\b/i.test(text)) return { stage: 'handedOff', text: 'I am connecting you with a person.' }
  return { stage, text: search(text) ?? 'I have not found anything about that.' }
}
