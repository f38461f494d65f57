import { toWebSocket } from 'maitred/transports'
import { server } from './mount-node.ts'
import { chat } from './tokens.ts'

server.on('upgrade', await toWebSocket(chat, { basePath: '/chat' }))
