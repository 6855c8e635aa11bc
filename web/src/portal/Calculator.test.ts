import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { decodeFigures, encodeFigures, noFigures } from '@/calculator/figures'
import { calculatorAnswer, due, schemeView, unknown } from '@/test/fixtures'
import { serve, type Asked } from '@/test/server'
import { enterTenant } from '@/tenant'
import Calculator from './Calculator.vue'

let page: VueWrapper
let asked: Asked[]
let hold: ((answer: { status?: number; body?: unknown } | Error) => void)[] | undefined

const questions = (): Record<string, unknown>[] =>
  asked.filter((a) => a.url === '/api/somewhere/calculator').map((a) => a.body as Record<string, unknown>)

async function open(): Promise<void> {
  await enterTenant('somewhere')
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/:tenant/calculator', component: Calculator },
      { path: '/:rest(.*)*', component: { template: '<i/>' } },
    ],
  })
  await router.push('/somewhere/calculator')
  page = mount(Calculator, { global: { plugins: [router] }, attachTo: document.body })
  await flushPromises()
}

async function type(key: string, value: string): Promise<void> {
  await page.find(`[data-key="${key}"] input`).setValue(value)
}

async function pause(): Promise<void> {
  await vi.runOnlyPendingTimersAsync()
  await flushPromises()
}

beforeEach(() => {
  vi.useFakeTimers()
  history.replaceState(null, '', '/somewhere/calculator')
  localStorage.clear()
  hold = undefined
  asked = serve((a) => {
    if (a.url.endsWith('/calculator')) {
      if (hold) return new Promise((resolve) => hold!.push(resolve))
      return { body: calculatorAnswer() }
    }
    if (a.url.includes('/schemes/')) return { body: schemeView() }
    if (a.url.endsWith('/about')) return { body: { id: 'somewhere', name: '某地', today: '2026-11-23' } }
    return { body: { terms: [], records: [] } }
  })
})

afterEach(() => {
  page.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the calculator', () => {
  it('shows every answer at once, most money first, and asks what decides most', async () => {
    await open()
    expect(questions()).toEqual([{ facts: {} }])
    expect(page.findAll('article h4').map((h) => h.text())).toEqual(['规上软件和信息技术服务业企业增长奖励', '规上数字经济制造业企业增长奖励', '省级数商奖励'])
    expect(page.findAll('[data-key]').map((f) => f.attributes('data-key'))).toEqual([
      '营业收入@2025',
      '营业收入@2024',
      '高新技术企业',
      '研发机构.级别',
      '在职职工人数',
      '成立日期',
    ])
    expect(page.text()).toContain('最高30万元')
    expect(page.text()).toContain('0.01个百分点')
    expect(page.text()).toContain('「最高」为上限，实际金额由主管部门核定。')
  })

  it('asks once for a burst of typing', async () => {
    await open()
    await type('营业收入@2025', '1')
    await type('营业收入@2025', '11')
    await type('营业收入@2025', '11000')
    expect(questions()).toHaveLength(1)
    await pause()
    expect(questions().slice(1)).toEqual([{ facts: { '营业收入@2025': '11000万元' } }])
  })

  // Mutation: empty the answer when a question starts → red.
  it('keeps the old answers in sight while busy, and says that it is', async () => {
    await open()
    hold = []
    await type('营业收入@2025', '11000')
    await pause()
    expect(page.find('#results').attributes('aria-busy')).toBe('true')
    expect(page.findAll('article')).toHaveLength(3)
    hold[0]!({ body: calculatorAnswer({ results: [due()], ask: [] }) })
    await flushPromises()
    expect(page.find('#results').attributes('aria-busy')).toBe('false')
    expect(page.findAll('article')).toHaveLength(1)
  })

  it('keeps the figures and the old answers when the network fails, and tries again', async () => {
    await open()
    hold = []
    await type('营业收入@2025', '11000')
    await pause()
    hold[0]!(new TypeError('away'))
    await flushPromises()
    expect(page.find('#results [role=alert]').text()).toContain('网络不通')
    expect(page.findAll('article')).toHaveLength(3)
    hold = undefined
    await page.find('#results [role=alert] button').trigger('click')
    await flushPromises()
    expect(page.find('#results [role=alert]').exists()).toBe(false)
    expect(questions().at(-1)).toEqual({ facts: { '营业收入@2025': '11000万元' } })
  })

  // Mutation: put the figures into the query instead of the fragment → red.
  it('carries the figures after the # and stores them nowhere', async () => {
    await open()
    await type('营业收入@2025', '11000')
    await pause()
    expect(decodeFigures(location.hash).facts).toEqual({ '营业收入@2025': '11000万元' })
    expect(location.search).toBe('')
    expect(localStorage.length + sessionStorage.length).toBe(0)
    expect(asked.every((a) => !a.url.includes('11000'))).toBe(true)
  })

  it('opens a link with its figures', async () => {
    history.replaceState(null, '', '/somewhere/calculator#' + encodeFigures({ ...noFigures(), facts: { '营业收入@2025': '2亿元' }, on: '2026-06-30', schemes: ['cx2025/C001'] }))
    await open()
    expect(questions()).toEqual([{ facts: { '营业收入@2025': '2亿元' }, on: '2026-06-30', schemes: ['cx2025/C001'] }])
    expect(page.find<HTMLInputElement>('[data-key="营业收入@2025"] input').element.value).toBe('2')
    expect(page.text()).toContain('只算 1 条政策')
  })

  it('does not ask again for what is not known, until told otherwise', async () => {
    await open()
    await page.find('[data-key="营业收入@2025"] button').trigger('click')
    await flushPromises()
    expect(document.activeElement?.closest('[data-key]')?.getAttribute('data-key')).toBe('营业收入@2024')
    await pause()
    expect(page.find('[data-key="营业收入@2025"]').exists()).toBe(false)
    expect(decodeFigures(location.hash).skipped).toEqual(['营业收入@2025'])
    const again = page.findAll('.fold button').find((b) => b.text() === '重新填写')
    await again!.trigger('click')
    expect(page.find('[data-key="营业收入@2025"]').exists()).toBe(true)
  })

  it('leads from a missing fact to its field', async () => {
    await open()
    await page.findAll('.missing button').find((b) => b.text() === '高新技术企业')!.trigger('click')
    await flushPromises()
    expect(document.activeElement?.closest('[data-key]')?.getAttribute('data-key')).toBe('高新技术企业')
  })

  it('explains an answer when asked to', async () => {
    await open()
    const why = page.findAll<HTMLDetailsElement>('details.explanation')[1]!
    expect(why.element.open).toBe(false)
    expect(why.find('summary').text()).toContain('不符合：2025年营业收入再增加1万元，达到1.1亿元')
    expect(why.text()).not.toContain('按30万元计')
    why.element.open = true
    await why.trigger('toggle')
    expect(why.text()).toContain('35万元超过封顶30万元，按30万元计，少5万元')
  })

  it('marks the example as invented', async () => {
    await open()
    await page.findAll('button').find((b) => b.text().includes('虚构'))!.trigger('click')
    await pause()
    expect(page.find('[role=note].invented').text()).toContain('虚构的示例')
    expect(questions().at(-1)).toEqual({ facts: { '营业收入@2023': '9000万元', '营业收入@2024': '1亿元', '营业收入@2025': '1.1亿元', 规上数字经济制造业名录: '是' } })
    await page.findAll('button').find((b) => b.text() === '全部清空')!.trigger('click')
    await pause()
    expect(page.find('.invented').exists()).toBe(false)
    expect(questions().at(-1)).toEqual({ facts: {} })
    expect(location.hash).toBe('')
  })

  it('says beside the field what was not understood', async () => {
    asked = serve(() => ({ body: calculatorAnswer({ results: [unknown()], problems: [{ field: '营业收入@2025', message: '不能小于0元' }] }) }))
    await open()
    expect(page.find('[data-key="营业收入@2025"] [role=alert]').text()).toBe('不能小于0元')
  })
})
