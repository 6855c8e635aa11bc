import { describe, expect, it } from 'vitest'
import type { Amount, Need } from '@/api/types'
import { boardOf, named, questionsOf, stake } from './answers'
import { standpoint } from '@/test/record'

const exact = (fen: number): Amount => ({ kind: 'exact', low: fen, high: fen, open: false, text: '' })
const need = (key: string, schemes: string[], type = 'number'): Need => ({ key, label: key, term: key, type, schemes })

describe('answers', () => {
  it('keeps what a person must judge apart, whatever group it came in, and leaves the order alone', () => {
    const board = boardOf([
      standpoint('d/a', { group: 'due', answer: 'met' }),
      standpoint('d/m', { group: 'unknown', answer: 'manual' }),
      standpoint('d/u', { group: 'unknown', answer: 'unknown' }),
      standpoint('d/b', { group: 'due', answer: 'met' }),
    ])
    expect(board.due.map((s) => s.scheme.id)).toEqual(['d/a', 'd/b'])
    expect(board.manual).toHaveLength(1)
    expect(board.unknown).toHaveLength(1)
  })

  // Leave either kind among what a firm is entitled to; ask a firm what decides its penalty → red.
  it('keeps apart what obliges or punishes, and asks nothing for it', () => {
    const of = (id: string, kind: string, more: object) => {
      const s = standpoint(id, more)
      return { ...s, scheme: { ...s.scheme, kind } }
    }
    const items = [of('d/r', 'duty', { group: 'due' }), of('d/p', 'penalty', { group: 'unknown', answer: 'manual' }), of('d/q', 'penalty', { group: 'unknown', answer: 'unknown' }), of('d/m', 'money', { group: 'due' })]
    const board = boardOf(items)
    expect(board.rules.map((s) => s.scheme.id)).toEqual(['d/r', 'd/p', 'd/q'])
    expect([board.due.length, board.manual.length, board.unknown.length]).toEqual([1, 0, 0])
    expect(questionsOf({ items, ask: [need('违法所得', ['d/q'])] })).toEqual([])
  })

  it('asks in the order of the server, only what can still help, and never a judgement', () => {
    const items = [
      standpoint('d/a', { group: 'unknown', answer: 'unknown', potential: exact(100) }),
      standpoint('d/b', { group: 'unknown', answer: 'unknown', potential: exact(900) }),
      standpoint('d/c', { group: 'not', answer: 'unmet' }),
    ]
    const ask = [need('乙', ['d/a', 'd/b']), need('丁', ['d/c']), need('丙', ['d/b'], 'judgement'), need('甲', ['d/a', 'd/c'])]
    const questions = questionsOf({ items, ask })
    expect(questions.map((q) => q.need.key)).toEqual(['乙', '甲'])
    expect(questions.map(stake)).toEqual([900, 100])
    expect(questions[1]?.schemes.map((s) => s.scheme.id)).toEqual(['d/a'])
  })

  it('names a document without a number that nobody found', () => {
    expect(named({ title: '某办法', number: '甲〔2025〕1号', number_known: true })).toBe('某办法（甲〔2025〕1号）')
    expect(named({ title: '某办法', number: '', number_known: false })).toBe('某办法')
  })
})
