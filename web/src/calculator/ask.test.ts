import { describe, expect, it } from 'vitest'
import type { Calculation } from '@/api/portal'
import { calculation } from '@/test/fixtures'
import { byGroup, englishOf, fieldsToShow, groupOf, needOf } from './ask'

describe('which fields are shown', () => {
  const asked = ['a', 'b', 'c', 'd', 'e']

  it('asks first what decides most', () => {
    expect(fieldsToShow([], [], [], asked, 3)).toEqual(['a', 'b', 'c'])
  })

  it('keeps what is answered and fills up', () => {
    expect(fieldsToShow(['a', 'b', 'c'], ['b'], [], ['c', 'a', 'd', 'e'], 3)).toEqual(['c', 'b', 'a', 'd'])
  })

  it('moves nothing while somebody is typing', () => {
    expect(fieldsToShow(['a', 'b', 'c'], ['b'], [], ['c', 'a', 'd'], 3, 'b')).toEqual(['a', 'b', 'c', 'd'])
    expect(fieldsToShow(['a', 'b'], [], [], ['c'], 2, 'b')).toEqual(['b', 'c'])
  })

  it('does not ask again what is not known or no longer matters', () => {
    expect(fieldsToShow(['a', 'b'], [], ['a'], asked, 2)).toEqual(['b', 'c'])
    expect(fieldsToShow(['a', 'b'], [], [], ['b'], 2)).toEqual(['b'])
  })

  it('shows what a link brings although nothing asks for it', () => {
    expect(fieldsToShow([], ['x'], [], ['a'], 1)).toEqual(['x', 'a'])
  })
})

describe('what a key of a link is', () => {
  const words = {
    terms: [{ name: '营业收入', type: 'number', unit: '元', from: '市统计局' }],
    records: [{ name: '研发机构', fields: [{ name: '级别', type: 'level', options: ['市级', '省级'] }] }],
  }

  it.each([
    ['营业收入@2025', { label: '2025年营业收入', type: 'number', unit: '元' }],
    ['研发机构', { type: 'record' }],
    ['研发机构.级别', { label: '研发机构(级别)', type: 'level', options: ['市级', '省级'] }],
    ['received(cx2022/C027)', { type: 'number', unit: '元' }],
    ['别的@2025', { label: '别的 2025', type: 'text' }],
  ])('%s', (key, want) => {
    expect(needOf(key, words)).toMatchObject({ key, ...want })
  })
})

describe('the English name of a fact', () => {
  const words = { terms: [{ name: '营业收入', english: 'operating revenue', type: 'number' }], records: [] }

  it('comes from the vocabulary, with its year', () => {
    expect(englishOf(needOf('营业收入@2025', words), words)).toBe('operating revenue, 2025')
    expect(englishOf(needOf('别的', words), words)).toBe('')
    expect(englishOf(needOf('营业收入@2025', undefined), undefined)).toBe('')
  })
})

describe('the order of answers', () => {
  const at = (id: string, over: Partial<Calculation['result']>): Calculation => {
    const c = calculation()
    return { ...c, scheme: { ...c.scheme, id }, result: { ...c.result, scheme: id, ...over } }
  }
  const money = (high: number) => ({ kind: 'exact' as const, low: high, high, open: false, text: '' })
  const gap = { condition: '增长', short: '1%', moves: ['再增加1万元'] }
  const far = { ...gap, moves: [] }

  it('puts most money first and what is expired last', () => {
    const sorted = byGroup([
      at('d/expired', { answer: 'met', standing: 'expired', amount: money(9e9) }),
      at('d/not', { answer: 'unmet', gaps: [] }),
      at('d/unknown', { answer: 'unknown' }),
      at('d/two', { answer: 'unmet', gaps: [gap, gap] }),
      at('d/three', { answer: 'unmet', gaps: [gap, gap, gap] }),
      at('d/beyond', { answer: 'unmet', gaps: [gap, far] }),
      at('d/near', { answer: 'unmet', gaps: [gap] }),
      at('d/small', { answer: 'met', amount: money(100) }),
      at('d/large', { answer: 'met', amount: money(200) }),
      at('d/judged', { answer: 'manual' }),
      at('d/na', { answer: 'not_applicable' }),
    ])
    expect([...sorted].map(([g, m]) => [g, m.map((c) => c.scheme.id)])).toEqual([
      ['due', ['d/large', 'd/small']],
      ['judge', ['d/judged']],
      ['close', ['d/near', 'd/two']],
      ['unknown', ['d/unknown']],
      ['not', ['d/beyond', 'd/na', 'd/not', 'd/three']],
      ['past', ['d/expired']],
    ])
  })

  it('calls nothing due that is not met', () => {
    for (const answer of ['unmet', 'unknown', 'manual', 'not_applicable'] as const)
      expect(groupOf(at('d/x', { answer, amount: money(100) }))).not.toBe('due')
  })
})
