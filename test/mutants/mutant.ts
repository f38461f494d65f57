/** A fault put into the source on purpose, and the test that must notice it. `npm run mutants` makes each in a copy and runs that test. */
export interface Mutant {
  /** What is wrong then, in a few words; each once. */
  readonly name: string
  /** From the root: 'src/routing/need.ts'. */
  readonly file: string
  /** A piece of the file that occurs in it once. */
  readonly find: string
  readonly replace: string
  /** The test that fails then and passes otherwise: its file from the root, and the beginning of its title. */
  readonly killedBy: { readonly file: string; readonly title: string }
}
