import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deskRoutes } from '@/desk/routes'
import { menu } from '@/desk/menu'
import { firmRoutes } from '@/firm/routes'
import { button, county, openRoom } from '@/test/rooms'
import type { BankAccount, Batch, Budget, Receivable } from './api'
import { interestSaid, numberProblem, picked, share, sumOf, sumProblem, untilSaid, waitsFor } from './words'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const empty = { items: [], total: 0, page: 1 }
const batch = (more: Partial<Batch> = {}): Batch => ({
  id: 'b1', code: 'P-1', round: 'r1', round_number: '2026-01', round_title: '第一批', department: '', town: '', document: '慈财〔2026〕1号', document_date: '2026-11-20',
  title: '第一批拨付', state: 'draft', lines: 2, total: 300, sums: [{ state: 'waiting', lines: 2, amount: 300 }], prepared_at: '2026-11-20T01:00:00Z', prepared_by: '甲',
  version: 4, may: ['drop', 'approve', 'cancel'], ...more,
})
const bank = (more: Partial<BankAccount> = {}): BankAccount => ({
  id: 'a1', party: 'p1', party_name: '一号厂', town: '甲镇', holder: '一号厂', bank: '某行', number: '****1234', state: 'held', why: ['new'], held: '新增的账户待第二人核对',
  shared_with: [], entered_at: '2026-11-20T01:00:00Z', entered_by: '甲', mine: true, ...more,
})

describe('what is said without asking', () => {
  // Mutation: leave out the comparison with most → red.
  it('takes a sum of money above nothing, exact to the fen, and not above what is left', () => {
    expect(sumProblem('1,000.50')).toBe('')
    expect(sumProblem('1000', 100_000)).toBe('')
    expect(sumProblem('1000.01', 100_000)).toContain('余额')
    for (const text of ['', '0', '-5', '1.234', '一百', '1e3']) expect(sumProblem(text), text).not.toBe('')
  })

  it('takes the number of an account with blanks and hyphens, of 8 to 32 digits', () => {
    expect(numberProblem('6222 0212-3456 789')).toBe('')
    expect(numberProblem('１２３４５６７８')).toBe('')
    for (const text of ['', '1234567', '1'.repeat(33), '6222x0212']) expect(numberProblem(text), text).not.toBe('')
  })

  // Mutation: send every id where none was left out → red.
  it('names the awards of an order only when some are left out', () => {
    const all = [{ id: 'x' }, { id: 'y' }]
    expect(picked(all, new Set())).toBeUndefined()
    expect(picked(all, new Set(['x']))).toEqual(['y'])
  })

  it('says what a batch waits for only to whoever cannot take the step', () => {
    expect(waitsFor(batch())).toBe('')
    expect(waitsFor(batch({ may: ['drop', 'cancel'] }))).toContain('甲')
    expect(waitsFor(batch({ state: 'sent', may: [] }))).toBe('等待银行回执。')
    expect(waitsFor(batch({ state: 'done', may: [] }))).toBe('')
  })

  it('draws no bar beyond its ends', () => {
    expect([share(1, 0), share(50, 200), share(5, 4), share(-1, 4)]).toEqual([0, 25, 100, 0])
    expect(sumOf(batch(), 'failed')).toEqual({ lines: 0, amount: 0 })
    expect(sumOf(batch(), 'waiting')).toEqual({ lines: 2, amount: 300 })
  })
})

describe('the desk of finance', () => {
  it('is offered to those who read the books, and to no officer', async () => {
    const has = (): boolean => menu().some((m) => m.path === 'desk/payments')
    for (const role of ['finance', 'leader', 'auditor'] as const) {
      await county([{ role }], () => undefined)
      expect(has(), role).toBe(true)
    }
    await county([{ role: 'officer' }], () => undefined)
    expect(has()).toBe(false)
  })

  // Mutation: approve at the first click → red. Mutation: send no version → red.
  it('approves a batch after asking once more, as it was seen', async () => {
    const asked = await county([{ role: 'finance' }], (_, path) => {
      if (path === '/treasury/batches/b1/approve') return { body: batch({ state: 'approved', may: ['send'] }) }
      if (path === '/treasury/batches/b1') return { body: batch() }
      return { body: empty }
    })
    const posts = (): typeof asked => asked.filter((a) => a.url.endsWith('/approve'))
    page = (await openRoom(deskRoutes, 'desk/payments/b1', '第一批拨付')).page
    await button(page, '核准').trigger('click')
    expect(posts()).toHaveLength(0)
    await page.find('form.step').trigger('submit')
    await flushPromises()
    expect(posts()).toHaveLength(1)
    expect(posts()[0]?.body).toEqual({ version: 4 })
    expect(page.text()).toContain('已核准。')
  })

  it('shows a leader the batch without a step to take', async () => {
    await county([{ role: 'leader' }], (_, path) => (path === '/treasury/batches/b1' ? { body: batch({ may: [] }) } : { body: empty }))
    page = (await openRoom(deskRoutes, 'desk/payments/b1', '第一批拨付')).page
    for (const label of ['核准', '送银行', '取消批次', '下载银行付款文件']) expect(page.findAll('button').some((b) => b.text() === label), label).toBe(false)
  })

  // Mutation: send without words → red.
  it('confirms a held account only with evidence', async () => {
    const asked = await county([{ role: 'finance' }], (_, path) =>
      path === '/treasury/accounts' ? { body: { items: [bank(), bank({ id: 'a2', party: 'p2', party_name: '二号厂', mine: false, shared_with: ['三号厂'] })], total: 2, page: 1 } } : { body: empty },
    )
    page = (await openRoom(deskRoutes, 'desk/bank-accounts', '一号厂')).page
    expect(page.text()).toContain('三号厂')
    expect(page.findAll('button').filter((b) => b.text() === '确认')).toHaveLength(1)
    await button(page, '确认').trigger('click')
    await page.find('form.step').trigger('submit')
    expect(page.text()).toContain('请填写核对了什么')
    expect(asked.filter((a) => a.url.endsWith('/confirm'))).toHaveLength(0)
    await page.find('form.step textarea').setValue('电话核实')
    await page.find('form.step').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/confirm'))?.body).toEqual({ evidence: '电话核实' })
  })

  it('shows a budget to a leader without the form that changes it', async () => {
    const b: Budget & { balances: [] } = {
      id: 'g1', round: 'r1', round_number: '2026-01', round_title: '第一批', scheme: '', scheme_title: '', source: '市级资金', department: '', place: 1, total: 1000, committed: 400,
      paid: 100, left: 600, created_at: '2026-11-20T01:00:00Z', created_by: '甲', version: 1, mine: false, balances: [],
    }
    await county([{ role: 'leader' }], (_, path) => ({ body: path === '/treasury/budgets/g1' ? b : empty }))
    page = (await openRoom(deskRoutes, 'desk/budgets/g1', '市级资金')).page
    expect(page.text()).toContain('可用余额')
    expect(page.text()).not.toContain('调增')
  })
})

describe('what is owed back', () => {
  const owed = (more: Partial<Receivable> = {}): Receivable => ({
    id: 'o1', case: 'k1', case_number: 'A001', scheme: 's1', department: '某局', town: '甲镇', party: 'p1', party_name: '一号厂', principal: 1250000, repaid: 500000, interest: 4750,
    received: 0, left: 754750, due: '2026-12-23', late: true, rate: '0.05%', days: 1, starts: '2026-11-23', cite: '某办法第八条', reason: '结算后多付', state: 'partly',
    made_at: '2026-11-23T01:00:00Z', made_by: '甲', may_state: true, may_drop: false, entries: [],
    repayments: [{ id: 'x1', amount: 100000, on: '2026-11-27', serial: 'BK1', state: 'stated', stated_by: '甲', mine: true }], ...more,
  })

  it('is said as its file says', () => {
    expect(interestSaid(owed())).toBe('0.05%（按日），自2026-11-23的次日起，按没有还的本金按天计')
    expect(interestSaid(owed({ rate: undefined }))).toBe('不计息')
    expect(untilSaid({ due: '2026-12-23' })).toContain('当天退回不算逾期')
    expect(untilSaid({})).toContain('没有规定期限')
  })

  // Mutations: ask for late always, or never → red; leave out 已逾期 → red.
  it('is listed with what is overdue, and by it alone', async () => {
    const asked = await county([{ role: 'leader' }], () => ({ body: { items: [owed()], total: 21, page: 1 } }))
    page = (await openRoom(deskRoutes, 'desk/receivables?late=1', '一号厂')).page
    expect(asked.some((a) => a.url.includes('late=true'))).toBe(true)
    expect(page.text()).toContain('已逾期')
    expect(page.text()).toContain('有还款待确认')
    page.unmount()
    asked.length = 0
    page = (await openRoom(deskRoutes, 'desk/receivables', '一号厂')).page
    expect(asked.some((a) => a.url.includes('late='))).toBe(false)
  })

  it('says that nothing is owed, and what went wrong', async () => {
    await county([{ role: 'finance' }], () => ({ body: empty }))
    page = (await openRoom(deskRoutes, 'desk/receivables', '没有应收款')).page
    page.unmount()
    await county([{ role: 'finance' }], () => ({ status: 404, body: { code: 'not_found', message: '没有这笔应收款' } }))
    page = (await openRoom(deskRoutes, 'desk/receivables/o1', '没有这笔应收款')).page
  })

  // Mutations: send yuan for fen; send without a serial; confirm at the first click → red.
  it('is stated by one and confirmed by another after asking once more', async () => {
    const asked = await county([{ role: 'finance' }], () => ({ body: owed() }))
    page = (await openRoom(deskRoutes, 'desk/receivables/o1', '登记还款')).page
    await page.find('form').trigger('submit')
    expect(page.text()).toContain('请填写银行流水号')
    expect(asked.filter((a) => a.url.endsWith('/repayments'))).toHaveLength(0)
    const [amount, on, serial] = page.findAll('form input')
    await amount!.setValue('7,547.50')
    await on!.setValue('2026-12-03')
    await serial!.setValue('BK2')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/repayments'))?.body).toEqual({ amount: 754750, on: '2026-12-03', serial: 'BK2' })
    await button(page, '确认还款').trigger('click')
    expect(asked.some((a) => a.url.endsWith('/repayments/x1'))).toBe(false)
    await page.find('form.step').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/repayments/x1'))?.body).toEqual({ confirm: true })
  })

  it('offers whoever may not act nothing to press', async () => {
    await county([{ role: 'auditor' }], () => ({ body: owed({ may_state: false, repayments: [{ ...owed().repayments[0]!, mine: false }] }) }))
    page = (await openRoom(deskRoutes, 'desk/receivables/o1', '一号厂')).page
    for (const label of ['确认还款', '退回登记', '登记', '核销']) expect(page.findAll('button').some((b) => b.text() === label), label).toBe(false)
  })

  it('tells the firm how much, why, until when and how to pay', async () => {
    await county([{ role: 'firm', party: 'p1' }], (_, path) => {
      if (path === '/parties/p1') return { body: { id: 'p1', name: '一号厂', code: '1', kind: 'enterprise', town: '甲镇', flags: [] } }
      if (path === '/vocabulary') return { body: { terms: [], kinds: [] } }
      return { body: { items: [owed({ made_by: undefined, may_state: false })], total: 1, page: 1 } }
    })
    page = (await openRoom(firmRoutes, 'firm/p1/receivables', '还欠')).page
    for (const said of ['7,547.5', '结算后多付', '2026-12-23', '附言写申报编号A001', '某局', 'BK1', '待确认']) expect(page.text(), said).toContain(said)
  })
})

describe('the account of a firm', () => {
  // Mutation: take every fault for "none yet" → red.
  it('is asked for where there is none, and a fault is not taken for none', async () => {
    const own = (status: number, code: string) => (_: unknown, path: string) => {
      if (path === '/parties/p1') return { body: { id: 'p1', name: '一号厂', code: '1', kind: 'enterprise', town: '甲镇', flags: [] } }
      if (path === '/vocabulary') return { body: { terms: [], kinds: [] } }
      if (path === '/treasury/parties/p1/account') return { status, body: { code, message: '出了问题' } }
      return { body: empty }
    }
    await county([{ role: 'firm', party: 'p1' }], own(404, 'not_found'))
    page = (await openRoom(firmRoutes, 'firm/p1/bank-account', '还没有登记收款账户')).page
    page.unmount()
    await county([{ role: 'firm', party: 'p1' }], own(500, 'internal'))
    page = (await openRoom(firmRoutes, 'firm/p1/bank-account', '出了问题')).page
    expect(page.text()).not.toContain('还没有登记')
  })
})
