import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import type { ConversationRow, TurnRecord } from '../../src/core/ports.ts'
import { differenceOf } from '../../src/testing/verify-store.ts'
import { openStage, type TourName, TOURS } from '../core/tours.ts'

/** One conversation as a released version has written it down, and what it came to. */
interface History {
  readonly name: string
  readonly row: ConversationRow
  readonly turns: readonly TurnRecord[]
}

const folder = import.meta.dirname
const isRecording = process.env['RECORD_HISTORIES'] !== undefined

/** Before a release: `npm run histories` writes those of this version. Files of earlier ones are never changed. */
async function record(): Promise<void> {
  const histories: History[] = []
  for (const name of Object.keys(TOURS) as TourName[]) {
    const stage = await openStage([])
    await TOURS[name](stage)
    const row = (await stage.store.load(stage.talk.id)).row as ConversationRow // it was opened
    histories.push({ name, row, turns: await stage.store.turns(stage.talk.id, 0) })
    await stage.sim[Symbol.asyncDispose]()
  }
  writeFileSync(path.join(folder, `${manifest.version}.json`), `${JSON.stringify(histories, undefined, 1)}\n`)
}

if (isRecording) await record()

const files = readdirSync(folder).filter((file) => file.endsWith('.json'))

describe.each(files)('F67: the histories of %s', (file) => {
  const histories = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as readonly History[]

  test.each(histories)('lead on this code to what they led to then: $name', ({ row, turns }) => {
    expect(differenceOf(row, turns)).toBeUndefined()
  })

  test('are noticed when they lead elsewhere', () => {
    const { row, turns } = histories[0] as History
    const moved = { ...row, snapshot: { ...row.snapshot, path: 'closed', depth: 7 } }
    expect(differenceOf(moved, turns)).toMatch(/differ/)
    expect(differenceOf(row, turns.slice(1))).toMatch(/SNAPSHOT_INVALID/)
  })
})

test('F67: there is a recorded history of this version', () => {
  expect(files).toContain(`${manifest.version}.json`)
})
