import { describe, expect, it } from 'vitest'
import type { Need } from '@/api/types'
import { checkDraft, draftOfFact, emptyDraft, specOfNeed, specOfRecord, specOfTerm, statementOf, withdrawal } from './spec'
import type { Fact, RecordKind, Term, Vocabulary } from './types'

const income: Term = { name: '营业收入', type: 'number', unit: '元', every: '年', from: '市统计局' }
const centre: RecordKind = {
  name: '研发机构',
  from: '市科技局',
  fields: [
    { name: '级别', type: 'level', options: ['市级', '省级'] },
    { name: '投入', type: 'number', unit: '元' },
  ],
}
const vocabulary: Vocabulary = { terms: [income], records: [centre] }

const need = (n: Partial<Need>): Need => ({ key: n.term ?? '', label: n.term ?? '', term: '', type: 'number', ...n })

const fact = (f: Partial<Fact>): Fact => ({
  id: 'f1', party: 'p1', term: '营业收入', period: '2025', value: '99900000元', source: '企业申报', evidence: '', verified: false,
  stated_at: '', stated_by: '', ...f,
})

describe('spec', () => {
  it('makes a field of a missing fact: its year and wording from the need, unit and department from the vocabulary', () => {
    const spec = specOfNeed(need({ key: '营业收入@2025', label: '2025年营业收入', term: '营业收入', year: 2025 }), vocabulary)
    expect(spec).toMatchObject({ term: '营业收入', label: '2025年营业收入', shape: 'number', unit: '元', office: '市统计局', year: 2025, yearly: true })
    expect(specOfNeed(need({ term: '研发机构', type: 'level' }), vocabulary).shape).toBe('record')
    expect(specOfNeed(need({ key: 'received(cx2022/C027)', term: '' }), vocabulary)).toMatchObject({ shape: 'received', term: 'received:cx2022/C027' })
    expect(specOfNeed(need({ term: '工艺先进', type: 'judgement' }), vocabulary).shape).toBe('judgement')
  })

  it('sends a figure with its unit and year', () => {
    const spec = specOfTerm(income, 2025)
    const draft = { ...emptyDraft(spec), number: '９,９９０', evidence: ' 审计报告 ' }
    expect(checkDraft(spec, draft, 2026)).toEqual({})
    expect(statementOf(spec, draft)).toEqual({ term: '营业收入', year: 2025, value: '9990万元', evidence: '审计报告' })
  })

  it('says of which project a figure is, also of one that is corrected or taken back; never of what is the party itself', () => {
    const spec = specOfTerm({ name: '设备投资额', type: 'number', unit: '元', of: '项目' })
    expect(statementOf(spec, { ...emptyDraft(spec), thing: ' 一号线 ', number: '300' })).toMatchObject({ term: '设备投资额', thing: '一号线', value: '300万元' })
    expect(statementOf(spec, { ...emptyDraft(spec), number: '300' }).thing).toBeUndefined()
    const old = fact({ term: '设备投资额', period: '', value: '3000000元', thing: '一号线' })
    expect(statementOf(spec, draftOfFact(spec, old), 'f1')).toMatchObject({ thing: '一号线', replaces: 'f1' })
    expect(withdrawal(spec, old)).toMatchObject({ thing: '一号线', withdraw: true })
    expect(specOfTerm({ ...income, of: '企业' }).of).toBe('')
  })

  it('names every field that is wrong', () => {
    const spec = specOfTerm(income)
    expect(Object.keys(checkDraft(spec, { ...emptyDraft(spec), year: '2027', number: '很多' }, 2026))).toEqual(['year', 'value'])
    const record = specOfRecord(centre)
    const draft = { ...emptyDraft(record), from: '2025-02-01', until: '2025-01-01', fields: { 级别: '省级', 投入: '多' } }
    expect(Object.keys(checkDraft(record, draft, 2026))).toEqual(['until', 'fields.投入'])
    expect(Object.keys(checkDraft(record, emptyDraft(record), 2026))).toEqual(['from'])
  })

  it('sends a record with its number, its dates and the fields that were filled', () => {
    const spec = specOfRecord(centre)
    const draft = { ...emptyDraft(spec), serial: ' G7 ', from: '2024-05-01', fields: { 级别: '省级', 投入: '' } }
    expect(statementOf(spec, draft)).toEqual({ term: '研发机构', evidence: '', record: { number: 'G7', from: '2024-05-01', fields: { 级别: '省级' } } })
  })

  it('opens a form with what a fact says now, and says which fact it corrects', () => {
    const spec = specOfTerm(income)
    const draft = draftOfFact(spec, fact({}))
    expect(draft).toMatchObject({ year: '2025', number: '9990', unit: '万元' })
    expect(statementOf(spec, draft, 'f1').replaces).toBe('f1')
    const record = { number: 'G7', from: '2024-05-01', fields: { 级别: '省级', 投入: '500000元' } }
    expect(draftOfFact(specOfRecord(centre), fact({ value: '', record }))).toMatchObject({
      serial: 'G7', from: '2024-05-01', fields: { 级别: '省级', 投入: '50' },
    })
  })
})
