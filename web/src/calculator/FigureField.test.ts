import { mount, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Need } from '@/api/types'
import { need } from '@/test/fixtures'
import FigureField from './FigureField.vue'

function field(over: Partial<Need>, text = ''): VueWrapper {
  const w: VueWrapper = mount(FigureField, {
    props: { need: need(over), text, onSet: (_: string, to: string) => void w.setProps({ text: to }) },
  })
  return w
}

const said = (w: VueWrapper): unknown[] => (w.emitted('set') ?? []).map((e) => (e as unknown[])[1])

describe('a figure', () => {
  it('is labelled, with its help', () => {
    const w = field({})
    const input = w.find('input')
    expect(w.find(`label[for="${input.attributes('id')}"]`).text()).toBe('2025年营业收入')
    expect(w.find(`#${input.attributes('aria-describedby')}`).text()).toContain('以市统计局的数据为准')
  })

  it('takes money in 万元 unless another unit is chosen', async () => {
    const w = field({})
    await w.find('input').setValue('9,990')
    await w.find('select').setValue('亿元')
    expect(said(w)).toEqual(['9990万元', '9990亿元'])
  })

  it('takes a unit typed with the number', async () => {
    const w = field({})
    await w.find('input').setValue('1.1亿元')
    expect(said(w)).toEqual(['1.1亿元'])
    expect(w.find('select').element.value).toBe('亿元')
  })

  it('says that letters are no number, and forgets the figure', async () => {
    const w = field({}, '5万元')
    await w.find('input').setValue('五')
    expect(said(w)).toEqual([''])
    expect(w.find('[role=alert]').text()).toContain('请填数字')
    expect(w.find('input').attributes('aria-invalid')).toBe('true')
    expect(w.find('input').element.value).toBe('五')
    await w.find('input').setValue('')
    expect(w.find('[role=alert]').exists()).toBe(false)
  })

  it('does not rewrite a number that is half typed', async () => {
    const w = field({})
    await w.find('input').setValue('12.50')
    expect(said(w)).toEqual(['12.50万元'])
    expect(w.find('input').element.value).toBe('12.50')
  })

  it('shows what a link brings, even in another unit', () => {
    const w = field({ unit: '瓦' }, '300千瓦')
    expect(w.find('input').element.value).toBe('300')
    expect(w.find('select').element.value).toBe('千瓦')
  })

  it('says what the server made of it', () => {
    const w = mount(FigureField, { props: { need: need(), text: '-1万元', problem: '不能小于0元' } })
    expect(w.find('[role=alert]').text()).toBe('不能小于0元')
  })

  it('may not be known', async () => {
    const w = field({})
    await w.find('button').trigger('click')
    expect(w.emitted('skip')).toEqual([['营业收入@2025']])
  })

  it('can be cleared', async () => {
    const w = field({}, '5万元')
    await w.find('button').trigger('click')
    expect(said(w)).toEqual([''])
    expect(w.find('input').element.value).toBe('')
  })
})

describe('other kinds of facts', () => {
  it('yes, no, not known', async () => {
    const w = field({ type: 'bool', unit: undefined })
    const radios = w.findAll('input[type=radio]')
    await radios[0]!.setValue(true)
    await radios[1]!.setValue(true)
    expect(said(w)).toEqual(['是', '否'])
    await radios[2]!.setValue(true)
    expect(w.emitted('skip')).toHaveLength(1)
    expect(w.find('legend').exists()).toBe(true)
  })

  it('a record, with the dates it may have', async () => {
    const w = field({ key: '高新技术企业', type: 'record', unit: undefined })
    expect(w.text()).not.toContain('请填日期')
    await w.findAll('input[type=radio]')[0]!.setValue(true)
    expect(w.text()).toContain('请填日期：不少条款只认某一年列入、取得的。不填的先当任何时候都有，结果可能偏高。')
    await w.find('input[type=date]').setValue('2024-05-01')
    expect(w.text()).not.toContain('请填日期')
    await w.findAll('input[type=date]')[1]!.setValue('2027-04-30')
    await w.findAll('input[type=radio]')[1]!.setValue(true)
    expect(said(w)).toEqual(['是', '2024-05-01', '2024-05-01..2027-04-30', '否'])
    expect(w.find('input[type=date]').exists()).toBe(false)
  })

  it('a rung of a record, of which there may be none', async () => {
    const w = field({ key: '研发机构.级别', type: 'level', unit: undefined, options: ['市级', '省级'] })
    await w.find('select').setValue('省级')
    await w.findAll('button').find((b) => b.text() === '没有')!.trigger('click')
    expect(w.emitted('set')).toEqual([
      ['研发机构.级别', '省级'],
      ['研发机构', '否'],
    ])
  })

  it('a date', async () => {
    const w = field({ type: 'date', unit: undefined })
    await w.find('input[type=date]').setValue('2020-01-02')
    expect(said(w)).toEqual(['2020-01-02'])
  })

  it('a judgement, which is somebody else’s', () => {
    const w = field({ type: 'judgement', unit: undefined, office: '市人力社保局', help: '' })
    expect(w.text()).toContain('由市人力社保局判断，可先按您自己的判断试算')
    expect(w.findAll('input[type=radio]')).toHaveLength(3)
  })
})
