import Fastify from 'fastify'
import { createHandler, toFastify } from 'maitred/transports'
import { auth, engine } from './product.ts'

export const app = Fastify()
await app.register(toFastify(createHandler(engine, { auth, basePath: '/chat' })), { prefix: '/chat' })
