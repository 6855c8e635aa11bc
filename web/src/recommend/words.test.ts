import { expect, test } from 'vitest'
import type { Result } from './api'
import { grouped } from './words'

// Turns red when what there is none of is shown, what deserves a look is not first, or a count is that of the lines that are shown.
test('what a published list comes to', () => {
  const line = (standing: Result['lines'][number]['standing'], name: string): Result['lines'][number] => ({ line: 3, code: '', name, standing })
  const r = { recommended: 1, missing: 1, known: 0, held: 0, unknown: 300, lines: [line('recommended', '甲'), line('missing', '乙'), line('unknown', '丙')] } as unknown as Result
  expect(grouped(r).map((g) => [g.standing, g.count, g.lines.map((l) => l.name).join()])).toEqual([
    ['missing', 1, '乙'],
    ['recommended', 1, '甲'],
    ['unknown', 300, '丙'],
  ])
})
