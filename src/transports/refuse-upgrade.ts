import { type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Says no to a line that was to become a socket, and lets it go: nobody else does, and it would stay open for ever. `unlessOthersListen`: unless the
 * server has told others of it, too.
 */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  { unlessOthersListen = false }: { readonly unlessOthersListen?: boolean } = {},
): void {
  const { server } = socket as Duplex & { readonly server?: Server } // set by `node:http` and `node:https`
  if (unlessOthersListen && (server?.listenerCount('upgrade') ?? 0) > 1) return
  socket.on('error', () => {}) // the other side has gone first
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
