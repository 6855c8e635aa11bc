// What tests of the record's pages are made of.

import type { Amount } from '@/api/types'
import type { Fact, Lite, Party, Standpoint, Vocabulary } from '@/record/types'

const none: Amount = { kind: 'none', low: 0, high: 0, open: false, text: '' }

export const party: Party = { id: 'p1', kind: '企业', code: '', name: '某某电器有限公司', town: '甲镇', industry: '电器', size: '小型' }

export const vocabulary: Vocabulary = {
  terms: [
    { name: '营业收入', of: '企业', type: 'number', unit: '元', every: '年', from: '市统计局' },
    { name: '主导产品领域', of: '企业', type: 'word', options: ['战略性新兴产业', '其他'] },
  ],
  records: [{ name: '研发机构', of: '企业', from: '市科技局', fields: [{ name: '级别', type: 'level', options: ['市级', '省级'] }] }],
}

export function lite(id: string, title = id): Lite {
  return {
    id, title, document: { id: 'd', title: '某办法', number: '', number_known: false, body: '', level: '' }, cite: '', office: '', for: '企业',
    kind: '', gives: [], ceiling: false, standing: 'in_force', published: '', tags: [],
  }
}

export function standpoint(id: string, s: Partial<Standpoint> = {}): Standpoint {
  return {
    scheme: lite(id), group: 'due', answer: 'met', performance: 2025, amount: none, potential: none, gaps: [], missing: [], next: '',
    verified: true, disputed: false, changes_on: '', ...s,
  }
}

export function fact(f: Partial<Fact> = {}): Fact {
  return {
    id: `${f.term ?? '营业收入'}${f.period ?? ''}${f.source ?? ''}`, party: 'p1', term: '营业收入', value: '1元', source: '市统计局',
    verified: true, stated_at: '', stated_by: '', ...f,
  }
}
