import express from 'express'
import { createHandler, toNode } from 'maitred/transports'
import { auth, engine } from './product.ts'

export const app = express()
app.use('/chat', toNode(createHandler(engine, { auth })))
