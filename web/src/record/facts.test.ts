import { describe, expect, it } from 'vitest'
import { bookOf, contradicts } from './facts'
import { fact, vocabulary } from '@/test/record'

describe('facts', () => {
  it('groups by subject and year in the order of the vocabulary and hides nothing', () => {
    const book = bookOf(
      [
        fact({ period: '2023' }),
        fact({ period: '2025', verified: false, source: '企业申报' }),
        fact({ period: '2025' }),
        fact({ term: '主导产品领域', value: '其他' }),
        fact({ term: '研发机构', record: { from: '2020-01-01' }, id: 'old' }),
        fact({ term: '研发机构', record: { from: '2024-01-01' }, id: 'new' }),
        fact({ term: 'received:cx2022/C027' }),
        fact({ term: '旧词' }),
      ],
      vocabulary,
    )
    expect(book.years).toEqual(['2025', '2023'])
    expect(book.yearly[0]?.years.get('2025')?.map((f) => f.source)).toEqual(['市统计局', '企业申报'])
    expect(book.single).toHaveLength(1)
    expect(book.records[0]?.facts.map((f) => f.id)).toEqual(['new', 'old'])
    expect(book.received).toHaveLength(1)
    expect(book.other.map((f) => f.term)).toEqual(['旧词'])
  })

  // Mutation: group single figures by their term alone → red.
  it('keeps the figures of two projects apart', () => {
    const book = bookOf([fact({ term: '主导产品领域', thing: '二号线' }), fact({ term: '主导产品领域', thing: '一号线' }), fact({ term: '主导产品领域' })], vocabulary)
    expect(book.single.map((r) => r.thing)).toEqual(['', '一号线', '二号线'])
  })

  it('sees a contradiction among facts of the same standing only', () => {
    const declared = fact({ verified: false, value: '2元' })
    expect(contradicts([fact({}), declared])).toBe(false)
    expect(contradicts([fact({}), fact({ value: '2元' })])).toBe(true)
    expect(contradicts([declared, fact({ verified: false, value: '3元' })])).toBe(true)
    expect(contradicts([fact({})])).toBe(false)
  })
})
