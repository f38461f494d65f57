// app/chat/[...path]/route.ts
import { createHandler } from 'maitred/transports'
import { auth, engine } from './product.ts'

const handler = createHandler(engine, { auth, basePath: '/chat' })

export const GET = async (request: Request): Promise<Response> => {
  await engine.start() // once, with the first request: not while Next builds
  return handler(request)
}
export const POST = GET
