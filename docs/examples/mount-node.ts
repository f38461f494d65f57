import { createServer } from 'node:http'
import { createHandler, toNode } from 'maitred/transports'
import { auth, engine } from './product.ts'

export const server = createServer(toNode(createHandler(engine, { auth, basePath: '/chat' })))
