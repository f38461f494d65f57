/** How the caller is told. */
export interface Teller {
  /** Calls a function of the caller's. What it throws is told, and stops nothing. */
  tell<Told>(listener: ((told: Told) => void) | undefined, told: Told): void
  /** For what nobody else is told. Answers whether there was somebody to tell. */
  report(error: unknown): boolean
}

const page = globalThis as { readonly reportError?: (error: unknown) => void }

export function createTeller(onError: ((error: unknown) => void) | undefined): Teller {
  function report(error: unknown): boolean {
    const hear = onError ?? page.reportError?.bind(page)
    hear?.(error)
    return hear !== undefined
  }
  return {
    report,
    tell(listener, told) {
      try {
        listener?.(told)
      } catch (error) {
        if (!report(error)) rethrow(error)
      }
    },
  }
}

/** As if whoever called it were not us. */
function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
