import { engine } from './product.ts'
import { server } from './mount-node.ts'
import { upgrade } from './socket.ts'

/** On the way out: nobody new, what is under way is finished, and streams and sockets end. Clients come again, to whoever runs next. */
export async function shutDown(): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await engine.stop()
  upgrade.close()
  await closed
}

process.once('SIGTERM', () => void shutDown())
