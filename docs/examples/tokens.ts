import { randomBytes } from 'node:crypto'
import { createHandler, createTokens } from 'maitred/transports'
import { engine } from './product.ts'

export const tokens = createTokens({ secret: process.env['CHAT_SECRET'] ?? randomBytes(32).toString('base64'), lifetime: '1h' })
export const chat = createHandler(engine, { auth: tokens.verify, origins: ['https://shop.example'] })
