// app/chat/[...path]/route.ts
import { createHandler } from 'maitred/transports'
import { auth, engine } from './product.ts'

export const GET = createHandler(engine, { auth, basePath: '/chat' })
export const POST = GET
