import { randomBytes } from 'node:crypto'
import { createHandler, createTokens } from 'maitred/transports'
import { engine } from './product.ts'

export const tokens = createTokens({ secret: process.env['CHAT_SECRET'] ?? randomBytes(32).toString('base64'), lifetime: '1h' })
export const chat = createHandler(engine, { auth: tokens.verify, origins: ['https://shop.example'] })

/** For an address of your own server, behind your own login: whoever is logged in there is given a token, and nobody else. */
export async function tokenFor(login: { readonly id: string; readonly name: string }): Promise<string> {
  return tokens.sign({ role: 'customer', customer: { id: login.id, name: login.name } })
}
