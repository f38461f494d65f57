import { test } from 'vitest'
import { pluginCases } from 'maitred/testing'
import { nps } from './nps.ts'

const plugin = nps({ save: () => Promise.resolve() })
for (const { name, run } of pluginCases(plugin)) test(`nps ${name}`, run)
