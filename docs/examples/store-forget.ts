import type { Store } from 'maitred/stores'

export async function forgetAfterAYear(store: Store, now: number): Promise<number> {
  const tenant = await store.open('')
  let count = 0
  for (;;) {
    const { conversationIds } = await tenant.forget(now - 365 * 86_400_000, 500)
    count += conversationIds.length
    if (conversationIds.length < 500) return count
  }
}
