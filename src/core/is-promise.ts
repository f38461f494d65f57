/** By its looks: whatever has a `then` will be waited for. */
export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  // Asked of everything that comes back: to look a property up is several times faster than to ask whether it is there.
  return (
    typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'
  )
}
