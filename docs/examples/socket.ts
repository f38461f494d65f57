import { toWebSocket } from 'maitred/transports'
import { server } from './mount-node.ts'
import { chat } from './tokens.ts'

export const upgrade = await toWebSocket(chat)
server.on('upgrade', upgrade)
