import type { VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { deskRoutes } from '@/desk/routes'
import { button, county, openRoom } from '@/test/rooms'
import { balance, shown, signed, verdict, wan, type Trial } from './trial'

test('a literal is shown as an officer writes it', () => {
  for (const [file, officer] of [
    ['up to 500元', '最高500元'],
    ['3‰ to 6‰', '3‰至6‰'],
    ['at least 30%', '不低于30%'],
    ['10%', '10%'],
    ['省级', '省级'],
  ] as const)
    expect(shown(file)).toBe(officer)
})

test('what is left of a budget, and what goes beyond it', () => {
  expect(verdict(250_000_00, 205_000_00)).toBe('结余 4.5万元')
  expect(verdict(250_000_00, 250_000_00)).toBe('结余 0元')
  expect(verdict(250_000_00, 250_000_01)).toBe('超出 0.01元')
  expect(verdict(0, 1_000_00)).toBe('超出 1,000元')
})

test('a difference bears its sign, and an axis is in 万 or 亿', () => {
  expect([signed(4_500_00), signed(0), signed(-10_000_00)]).toEqual(['+4,500元', '0元', '-1万元'])
  expect([wan(0), wan(2_500_00), wan(15_000_00), wan(1_234_567_89), wan(-9_999_000_000_00), wan(-10_000_000_000_00)]).toEqual(['0万', '0.25万', '1.5万', '123万', '-999,900万', '-100亿'])
})

const side = (owed: number, ceiling = 0) => ({ met: 2, manual: 0, unknown: 0, owed, ceiling, potential: owed + ceiling, open: 0 })
const total = { before: side(180_000_00, 20_000_00), after: side(205_000_00, 50_000_00), moved: { enter: 1, leave: 0, gain: 2, lose: 0, same: 3 } }
const budget = { round: '演示-01', round_title: '批次', scheme: 'd/s', scheme_title: '政策', source: '本级财政', total: 250_000_00, committed: 1_000_00, left: 249_000_00 }
const run = (over: Partial<Trial> = {}): Trial => ({
  id: 't1', name: '', note: '', made_by: '某人', made_at: '2026-11-23T02:00:00.000000Z', on: '2026-11-23', publication: 'p1', scheme: 'd/s', scheme_title: '政策',
  changes: [{ path: 'd/schemes/s/amount/give', from: '10%', to: '12%', label: '比例', sentence: '按10%' }], towns: [], state: 'done', done: 0, parties: 0,
  ended_at: '', mine: true, whole: true, stale: false, budgets: [budget], no_budgets: false,
  result: { on: '2026-11-23', read_at: '2026-11-23T02:00:00.000000Z', parties: 9, total, schemes: [], towns: [], sizes: [], industries: [], steps: [], notes: [], lines: 0, left_off: 0 },
  ...over,
})
const going = (over: Partial<Trial> = {}): Trial => {
  const t = run({ budgets: [], state: 'running', done: 400, parties: 5000, ...over })
  delete t.result
  return t
}

describe('a run on its page', () => {
  let page: VueWrapper | undefined
  afterEach(() => {
    page?.unmount()
    page = undefined
    vi.unstubAllGlobals()
  })
  const shows = async (t: Trial, text: string, answer: (path: string) => Trial | undefined = () => undefined) => {
    const asked = await county([{ role: 'leader' }], (_a, path) => {
      if (path.endsWith('/parties')) return { body: { items: [], total: 0, page: 1 } }
      const body = answer(path) ?? (path === '/simulations/t1' ? t : undefined)
      return body ? { body } : undefined
    })
    page = (await openRoom(deskRoutes, 'desk/trials/t1', text)).page
    return asked
  }

  // 25万 set aside; 20.5 and at most 5 are 25.5万: half a 万 too many. Mutation: leave ceilings out → red.
  it('says by how much a cost goes beyond the budget, or stays within', async () => {
    await shows(run(), '超出 5,000元')
    expect(page!.get('.budget').text()).toContain('安排 25万元，现行需 20万元，调整后需 25.5万元')
    expect(page!.get('.budget').text()).toContain('本级财政')
    page!.unmount()
    await shows(run({ budgets: [budget, { ...budget, source: '上级', total: 30_000_00 }] }), '结余 2.5万元')
    expect(page!.find('.verdict.bad').exists()).toBe(false)
  })

  it('says why there is nothing to compare', async () => {
    await shows(run({ budgets: [] }), '这些政策还没有安排预算')
    page!.unmount()
    await shows(run({ budgets: [], no_budgets: true }), '预算由财政、领导、审计人员和组织批次的经办人员查看')
    expect([balance(run()), balance(run({ budgets: [] })), balance(run({ budgets: [], no_budgets: true }))]).toEqual(['超出 5,000元', '没有安排', '无权查看'])
  })

  it('shows how far it is, and is cancelled', async () => {
    const asked = await shows(going(), '400 / 5,000 家', (path) => (path === '/simulations/t1/stop' ? going({ state: 'stopped' }) : undefined))
    expect(page!.get('progress').attributes('value')).toBe('400')
    await button(page!, '取消测算').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('已取消'))
    expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/simulations/t1/stop'))).toBe(true)
    expect(page!.text()).toContain('重新测算')
  })

  it('says why it was not finished, and lets nobody but its maker cancel it', async () => {
    await shows(going({ state: 'failed', failure: '测算已中断，请重新测算' }), '测算已中断')
    page!.unmount()
    await shows(going({ mine: false, done: 0, parties: 0, state: 'waiting' }), '马上开始')
    expect(page!.text()).not.toContain('取消测算')
  })
})
