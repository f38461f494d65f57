import { expect, test } from 'vitest'
import { loadPeer } from '../../src/core/optional-peer.ts'

test('a package that is not installed is named, with whoever needs it and what to type', () => {
  const missing = expect.objectContaining({
    code: 'CONFIG_INVALID',
    path: 'plugins.saved-replies',
    hint: 'Run `npm install no-such-package`.',
    message: expect.stringContaining('`saved-replies` needs the package `no-such-package`') as string,
  }) as Error
  expect(() => loadPeer('no-such-package', 'saved-replies')).toThrow(missing)
})
