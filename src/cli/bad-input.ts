/** What the person at the terminal can mend; the command ends with 2. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}

/** The work was done, and what came out is not good; the command ends with 1. */
export class Failed extends Error {
  override readonly name = 'Failed'
}
