import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import type { Result } from '@/api/types'
import { setLocale } from '@/i18n'
import { calculation, explanation } from '@/test/fixtures'
import AnswerTag from './AnswerTag.vue'
import ExplanationView from './ExplanationView.vue'
import ResultTerms from './ResultTerms.vue'

afterEach(() => setLocale('zh'))

const met = explanation({
  answer: 'met', label: '符合', short: '符合：最高30万元（已按封顶30万元计）',
  sections: [
    { kind: 'conditions', title: '条件', lines: [{ text: '当年增速不低于10%', answer: 'met', notes: ['实际 (8亿元 − 1亿元) ÷ 1亿元 = 700%', '要求 不低于10%'] }] },
    { kind: 'amount', title: '金额怎样算', lines: [{ text: '700档 × 500元 = 35万元' }, { text: '35万元超过封顶30万元，按30万元计，少5万元' }, { text: '应得：最高30万元' }] },
  ],
})
const twoWays = explanation({
  short: '不符合：2025年营业收入再增加1元（2个办法中最省的）',
  sections: [
    { kind: 'changes', title: '要改变什么（以下办法任选一个，从易到难）', lines: [
      { text: '办法1', lines: [{ text: '2025年营业收入再增加1元' }] },
      { text: '办法2', notes: ['要到2027年申报时才起作用'], lines: [{ text: '取得高新技术企业' }] },
    ] },
  ],
})
const unknown = explanation({
  answer: 'unknown', label: '待补充', short: '待补充：2025年营业收入 等2项',
  sections: [{ kind: 'missing', title: '还不知道什么，它会决定什么', lines: [
    { text: '2025年营业收入', notes: ['以市统计局的数据为准', '决定：当年增速不低于10%', '2025年营业收入不低于1.1亿元时符合'] }] }],
})

describe('ExplanationView', () => {
  it('is folded to the one line that matters, and only then builds the rest', async () => {
    const w = mount(ExplanationView, { props: { explanation: met } })
    expect(w.find('summary').text()).toContain('为什么？')
    expect(w.find('summary').text()).toContain('最高30万元（已按封顶30万元计）')
    expect(w.find('section').exists()).toBe(false)
    w.find('details').element.open = true
    await w.find('details').trigger('toggle')
    expect(w.findAll('section h5').map((h) => h.text())).toEqual(['条件', '金额怎样算'])
  })

  it('shows the arithmetic of a condition and of the money, line by line, with the cap', () => {
    const w = mount(ExplanationView, { props: { explanation: met, open: true } })
    expect(w.findAll('.conditions .notes li').map((x) => x.text())).toEqual(['实际 (8亿元 − 1亿元) ÷ 1亿元 = 700%', '要求 不低于10%'])
    expect(w.find('.conditions').findComponent(AnswerTag).props('answer')).toBe('met')
    expect(w.findAll('.amount > ol > li').map((x) => x.text())).toEqual(['700档 × 500元 = 35万元', '35万元超过封顶30万元，按30万元计，少5万元', '应得：最高30万元'])
  })

  it('tells the ways apart, each with its steps and when it counts', () => {
    const ways = mount(ExplanationView, { props: { explanation: twoWays, open: true } }).findAll('.changes > ul > li')
    expect(ways.map((x) => x.find('p').text())).toEqual(['办法1', '办法2'])
    expect(ways[0]!.find('.inner').text()).toBe('2025年营业收入再增加1元')
    expect(ways[1]!.text()).toContain('要到2027年申报时才起作用')
  })

  it('says what is not known and what it would decide', () => {
    const w = mount(ExplanationView, { props: { explanation: unknown, open: true } })
    expect(w.find('.missing').text()).toContain('决定：当年增速不低于10%')
    expect(w.find('.missing').text()).toContain('2025年营业收入不低于1.1亿元时符合')
  })

  it('says in which language it is, and keeps the document’s own wording beside a translation', () => {
    const english = explanation({ lang: 'en', sections: [{ kind: 'conditions', title: 'The conditions', lines: [{ text: 'growth at least 10%', original: '当年增速不低于10%', answer: 'unmet' }] }] })
    setLocale('en')
    const w = mount(ExplanationView, { props: { explanation: english, open: true } })
    expect(w.find('details').attributes('lang')).toBe('en')
    expect(w.find('summary').text()).toContain('Why?')
    expect(w.find('.original').attributes('lang')).toBe('zh-CN')
  })
})

describe('ResultTerms', () => {
  const of = (over: Partial<Result>): string => mount(ResultTerms, { props: { result: calculation({ answer: 'met', ...over }).result } }).text()

  it('says nothing where there is nothing beside the amount', () => expect(of({})).toBe(''))

  it('warns of limits that only a round can settle, unless there is nothing to limit', () => {
    expect(of({ shared: ['全市每年不超过10家'] })).toBe('另受以下限制，须在批次中结算：全市每年不超过10家')
    expect(of({ answer: 'unmet', shared: ['全市每年不超过10家'] })).toBe('')
  })

  it('says the level, and how far the next is', () => {
    expect(of({ level: { field: '星级', low: '三星', high: '三星', next: '四星', short: '3分' } })).toBe('等级：三星，再得3分为四星')
    expect(of({ level: { field: '星级', low: '三星', high: '五星' } })).toBe('等级在三星与五星之间，补充资料后可定')
    expect(of({ level: { field: '星级', high: '五星' } })).toBe('等级还不能定，至多为五星')
  })

  it('says in which parts and to whom it is paid', () => {
    expect(of({ payments: [{ on: '立项', amount: 6_000_000, text: '6万元' }, { on: '验收', amount: 4_000_000, text: '4万元', payee: '代理机构' }] })).toBe('分期支付：立项 6万元；验收 4万元付给代理机构')
  })
})
