import { expect, test } from 'vitest'
import { judge, quickBands, runBand } from '../../bench/verify/bands.ts'

test.each(quickBands().map((band) => [band.goal, band.name, band] as const))(
  'F70: %s: %s comes out as theory has it, as far as few conversations can tell',
  (_goal, _name, band) => {
    const runs = [runBand(band, 1), runBand(band, 2)]
    expect(judge(band, runs).filter(({ holds }) => !holds)).toEqual([])
  },
)
