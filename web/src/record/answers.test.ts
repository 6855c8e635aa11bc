import { describe, expect, it } from 'vitest'
import type { Amount, Need } from '@/api/types'
import { boardOf, questionsOf } from './answers'
import type { PartyAnswer } from './types'

const none: Amount = { kind: 'none', low: 0, high: 0, open: false, text: '' }
const exact = (fen: number): Amount => ({ kind: 'exact', low: fen, high: fen, open: false, text: '' })
const ceiling = (fen: number): Amount => ({ kind: 'ceiling', low: 0, high: fen, open: false, text: '' })
const need = (key: string, type = 'number'): Need => ({ key, label: key, term: key, type })

const answer = (a: Partial<PartyAnswer>): PartyAnswer => ({
  scheme: 'd/x', title: '', cite: '', document: '', group: 'due', answer: 'met', standing: 'in_force', amount: none, potential: none,
  verified: true, disputed: false, missing: [], gaps: [], changes_on: '', ...a,
})

describe('answers', () => {
  it('sorts by money and never adds a ceiling to what is owed', () => {
    const board = boardOf([
      answer({ scheme: 'd/a', amount: exact(100) }),
      answer({ scheme: 'd/b', amount: ceiling(5000) }),
      answer({ scheme: 'd/c', amount: exact(300) }),
      answer({ scheme: 'd/d', amount: exact(900), standing: 'expired' }),
      answer({ scheme: 'd/e', amount: { kind: 'manual', low: 0, high: 0, open: true, text: '一事一议' } }),
      answer({ scheme: 'd/f', group: 'close', answer: 'unmet', potential: exact(700) }),
    ])
    expect(board.due.map((a) => a.scheme)).toEqual(['d/b', 'd/d', 'd/c', 'd/a', 'd/e'])
    expect(board.owed).toBe(400)
    expect(board.ceiling).toBe(5000)
    expect(board.close).toHaveLength(1)
  })

  it('keeps what a person must judge apart, whatever group it came in', () => {
    const board = boardOf([answer({ group: 'unknown', answer: 'manual' })])
    expect(board.manual).toHaveLength(1)
    expect(board.unknown).toHaveLength(0)
  })

  it('asks each missing fact once, the one that decides most money first, and never a judgement', () => {
    const questions = questionsOf([
      answer({ scheme: 'd/a', group: 'unknown', answer: 'unknown', potential: exact(100), missing: [need('甲'), need('乙')] }),
      answer({ scheme: 'd/b', group: 'unknown', answer: 'unknown', potential: exact(900), missing: [need('乙'), need('丙', 'judgement')] }),
      answer({ scheme: 'd/c', group: 'not', answer: 'unmet', missing: [need('丁')] }),
    ])
    expect(questions.map((q) => q.need.key)).toEqual(['乙', '甲'])
    expect(questions[0]?.schemes.map((a) => a.scheme)).toEqual(['d/a', 'd/b'])
  })
})
