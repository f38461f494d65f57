import { Hono } from 'hono'
import { createHandler } from 'maitred/transports'
import { auth, engine } from './product.ts'

export const app = new Hono()
app.mount('/chat', createHandler(engine, { auth }))
