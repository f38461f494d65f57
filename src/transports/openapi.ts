import { z } from 'zod'
import { ERRORS, REFUSALS } from '../core/errors.ts'
import { commandSchemas } from '../core/schema.ts'
import { toBodies } from './bodies.ts'
import { NOT_IN_BODY, type Route, ROUTES } from './routes.ts'

type Schema = Readonly<Record<string, unknown>>

const VERSION = '1.0.0'

/** The routes as an OpenAPI 3.1 description, made from the table of routes and from the schemas that read the requests. */
export function toOpenApi(basePath = ''): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route)
  return {
    openapi: '3.1.0',
    info: { title: 'maitred', version: VERSION, description: 'Live chat: customers, agents, supervisors.' },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: { Receipt: RECEIPT, Error: ERROR },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'session', description: 'The session of the product itself.' },
      },
    },
  }
}

function operationOf(route: Route): object {
  const { name, side, does, answer, method } = route
  const body = bodyOf(route)
  return {
    operationId: name,
    tags: [side],
    summary: does,
    ...(side === 'anybody' ? { security: [] } : {}),
    parameters: parametersOf(route),
    ...(method === 'GET' || body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...answerOf(answer), default: errorAnswer() },
  }
}

function parametersOf({ path, command, name }: Route): readonly object[] {
  const header = (header: string, description: string, required: boolean): object => ({
    name: header,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  })
  return [
    ...(path.includes('{id}')
      ? [{ name: 'id', in: 'path', required: true, description: 'The conversation.', schema: { type: 'string' } }]
      : []),
    ...(command !== undefined && name !== 'open'
      ? [header('Idempotency-Key', 'New for every command, the same when it is sent again.', true)]
      : []),
    ...(path.endsWith('/events') ? [header('Last-Event-ID', 'Where to go on.', false)] : []),
  ]
}

/** Of routes whose body is called otherwise. */
const BODY_OF: Readonly<Record<string, keyof ReturnType<typeof toBodies>>> = { deskRead: 'read', deskAdvise: 'advise' }

/** The fields of the body, as JSON Schema. */
export function bodyOf({ name, command }: Route): Schema | undefined {
  const bodies: Readonly<Record<string, z.ZodType>> = toBodies()
  const own = bodies[BODY_OF[name] ?? name]
  if (own !== undefined) return z.toJSONSchema(own, { io: 'input' })
  if (command === undefined) return undefined
  const schema = commandSchemas()[command] as { readonly properties: Schema; readonly required?: readonly string[] }
  const isOutside = (field: string): boolean =>
    !NOT_IN_BODY.includes(field) || (name === 'assign' && field === 'agentId')
  const properties = Object.fromEntries(Object.entries(schema.properties).filter(([field]) => isOutside(field)))
  return { type: 'object', properties, required: (schema.required ?? []).filter(isOutside) }
}

function answerOf(answer: string): object {
  if (answer === 'nothing') return { 204: { description: 'Done.' } }
  if (answer.startsWith('event stream'))
    return { 200: { description: answer, content: { 'text/event-stream': { schema: { type: 'string' } } } } }
  if (answer !== 'receipt')
    return { 200: { description: answer, content: { 'application/json': { schema: { type: 'object' } } } } }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Receipt' } } }
  return {
    200: { description: 'Applied, or a duplicate: the first result, again.', content },
    409: { description: 'Vetoed by a plugin, or refused because the conversation had moved on.', content },
    429: { description: 'Too much at once; `retryAfterMs` says when to try again.', content },
  }
}

function errorAnswer(): object {
  return {
    description: 'The request could not be taken.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  }
}

const DONE = {
  ok: { const: true },
  conversationId: { type: 'string' },
  revision: { type: 'integer' },
  phase: { type: 'string' },
}

const RECEIPT: Schema = {
  oneOf: [
    { type: 'object', properties: { ...DONE, status: { enum: ['applied', 'duplicate'] } }, required: ['ok', 'status'] },
    {
      type: 'object',
      properties: {
        ok: { const: false },
        status: { const: 'vetoed' },
        by: { type: 'string' },
        reason: { type: 'string' },
      },
      required: ['ok', 'status', 'by', 'reason'],
    },
    {
      type: 'object',
      properties: {
        ok: { const: false },
        status: { const: 'refused' },
        code: { enum: Object.keys(REFUSALS) },
        hint: { type: 'string' },
        retryAfterMs: { type: 'integer' },
        text: { type: 'string', description: '`STALE_OWNER`: what was written, handed back.' },
      },
      required: ['ok', 'status', 'code', 'hint'],
    },
  ],
}

const ERROR: Schema = {
  type: 'object',
  properties: {
    code: { enum: Object.keys(ERRORS) },
    message: { type: 'string' },
    hint: { type: 'string', description: 'What to do about it.' },
    path: { type: 'string' },
    retryable: { type: 'boolean', description: 'Whether sending the same key again can help.' },
  },
  required: ['code', 'message', 'hint', 'retryable'],
}
