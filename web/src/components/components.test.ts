import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '@/api/fault'
import type { Answer } from '@/api/types'
import { setLocale } from '@/i18n'
import { reasons } from '@/test/fixtures'
import AmountText from './AmountText.vue'
import AnswerTag from './AnswerTag.vue'
import ErrorState from './ErrorState.vue'
import GapText from './GapText.vue'
import Money from './Money.vue'
import Paging from './Paging.vue'
import ReasonTree from './ReasonTree.vue'

afterEach(() => setLocale('zh'))

describe('AnswerTag', () => {
  it.each<[Answer, string]>([
    ['met', '符合'],
    ['unmet', '不符合'],
    ['unknown', '待补充'],
    ['manual', '需人工判断'],
    ['not_applicable', '不适用'],
  ])('says %s in words and by a shape of its own', (answer, word) => {
    const w = mount(AnswerTag, { props: { answer } })
    expect(w.text()).toBe(word)
    expect(w.find('svg').attributes('aria-hidden')).toBe('true')
    expect(mount(AnswerTag, { props: { answer, iconOnly: true } }).text()).toBe(word)
  })

  it('has five different shapes', () => {
    const shapes = (['met', 'unmet', 'unknown', 'manual', 'not_applicable'] as const).map((answer) =>
      mount(AnswerTag, { props: { answer } }).find('path').attributes('d'),
    )
    expect(new Set(shapes).size).toBe(5)
  })
})

describe('AmountText', () => {
  const ceiling = { kind: 'ceiling' as const, low: 0, high: 30_000_000, open: false, text: '最高30万元' }

  it('never shows 最高 without saying that it is a ceiling', () => {
    expect(mount(AmountText, { props: { amount: ceiling } }).text()).toContain('「最高」为上限，实际金额由主管部门核定。')
    expect(mount(AmountText, { props: { amount: ceiling, brief: true } }).text()).toBe('最高30万元')
  })

  it('shows nothing for no amount', () => {
    expect(mount(AmountText, { props: { amount: { ...ceiling, kind: 'none' } } }).text()).toBe('')
  })

  // Mutation: show the clause's amount although a limit is known to leave less → red.
  it('shows what the limits of the party leave, and beside it what the clause gives', () => {
    const exact = { ...ceiling, kind: 'exact' as const, text: '15万元' }
    const left = { most: 7_000_000, bound: true, sure: true, due: '7万元', reach: '8万元', limits: ['每个企业每年度不超过10万元：2025年度已得3万元，还可得7万元'] }
    expect(mount(AmountText, { props: { amount: exact, left, brief: true } }).text()).toBe('7万元按条款15万元，受本申报人的限额所限')
    expect(mount(AmountText, { props: { amount: exact, left, reach: true, brief: true } }).text()).toContain('8万元')
    expect(mount(AmountText, { props: { amount: exact, left: { ...left, due: undefined }, brief: true } }).text()).toBe('15万元')
  })
})

describe('Money', () => {
  it('follows the language', () => {
    expect(mount(Money, { props: { fen: 30_000_000 } }).text()).toBe('30万元')
    setLocale('en')
    expect(mount(Money, { props: { fen: 30_000_000 } }).text()).toBe('CNY 300,000')
  })
})

describe('GapText', () => {
  it('says how far which condition is, and of one without a distance only which', () => {
    const of = (short: string): string => mount(GapText, { props: { gap: { condition: '当年增速', short, moves: [] } } }).text()
    expect(of('相差0.01个百分点')).toBe('相差0.01个百分点 — 当年增速')
    expect(of('')).toBe('当年增速')
  })
})

describe('ReasonTree', () => {
  it('tells wording, understanding, citation, assumption and who judges, and answers nothing', () => {
    const w = mount(ReasonTree, { props: { node: reasons() } })
    for (const said of [
      '近两年营业收入年均增长率为正',
      '系统理解',
      '近2年营业收入年均增长率(各年增长率的平均)超过0%',
      '一(一)1',
      '当年增速不低于10%',
      '按「各年增长率的平均」理解（待确认）',
      '由市经信局判断',
      '以下条件须全部满足',
      '以下条件满足其一即可',
    ])
      expect(w.text()).toContain(said)
    expect(w.findAllComponents(AnswerTag)).toHaveLength(0)
    for (const answered of ['9.99%', '差距', '市统计局']) expect(w.text()).not.toContain(answered)
  })
})

describe('ErrorState', () => {
  it('says what is wrong where, and offers to try again only where that may help', async () => {
    const w = mount(ErrorState, { props: { fault: new Fault('network', '网络不通', [{ field: '行 3', message: '不是数字' }]) } })
    expect(w.attributes('role')).toBe('alert')
    expect(w.text()).toContain('行 3')
    expect(w.text()).toContain('不是数字')
    await w.find('button').trigger('click')
    expect(w.emitted('retry')).toHaveLength(1)
    expect(mount(ErrorState, { props: { fault: new Fault('forbidden', '没有权限') } }).find('button').exists()).toBe(false)
  })
})

describe('Paging', () => {
  it('goes both ways and stops at the ends', async () => {
    const w = mount(Paging, { props: { page: 2, per: 20, total: 41 } })
    const [prev, next] = w.findAll('button')
    await prev!.trigger('click')
    await next!.trigger('click')
    expect(w.emitted('go')).toEqual([[1], [3]])
    await w.setProps({ page: 3 })
    expect(next!.attributes('disabled')).toBeDefined()
    await w.setProps({ page: 1, total: 20 })
    expect(w.find('nav').exists()).toBe(false)
  })
})
