import fc from 'fast-check'

// The tests draw the same examples in every run, so that whoever changes nothing sees no other result. `npm run verify:fuzz` draws new ones.
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) })

export { default as fc } from 'fast-check'
