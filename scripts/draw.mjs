// Draws the chart into CONTRIBUTING.md, between the marks. A test holds the drawing true.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createJiti } from 'jiti'

const root = path.resolve(import.meta.dirname, '..')
/** @type {{ toMermaid(): string }} */
const { toMermaid } = await createJiti(import.meta.url, { fsCache: false }).import('../src/core/machine/describe.ts')
const page = path.join(root, 'CONTRIBUTING.md')
const text = readFileSync(page, 'utf8')
const drawn = text.replace(/```mermaid\n[\s\S]*?```/, () => `\`\`\`mermaid\n${toMermaid()}\n\`\`\``)
if (drawn === text) console.log('the drawing is as it was')
else writeFileSync(page, drawn)
