import type * as NodeCrypto from 'node:crypto'

/** Node's own, loaded when it is first needed: it takes as long as much of what imports it. */
export function nodeCrypto(): typeof NodeCrypto {
  return process.getBuiltinModule('node:crypto')
}
