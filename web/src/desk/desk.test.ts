import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fact, lite, party, vocabulary } from '@/test/record'
import { button, county, openRoom } from '@/test/rooms'
import { percent, working } from './importing'
import { deskRoutes } from './routes'
import type { ImportView } from './types'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const none = { kind: 'none', low: 0, high: 0, open: false, text: '' }

describe('the desk', () => {
  it('offers only what the account may do', async () => {
    await county([{ role: 'administrator' }], () => undefined)
    page = (await openRoom(deskRoutes, 'desk', '账号与权限')).page
    expect(page.text()).not.toContain('主体名录')
    page.unmount()
    await county([{ role: 'officer', town: '甲镇' }], () => undefined)
    page = (await openRoom(deskRoutes, 'desk', '主体名录')).page
    expect(page.text()).not.toContain('账号与权限')
    page.unmount()
    await county([{ role: 'leader', department: '市经信局' }], () => undefined)
    page = (await openRoom(deskRoutes, 'desk', '主体名录')).page
    expect(page.text()).not.toContain('账号与权限')
  })

  it('tells an account without any role what to do', async () => {
    await county([{ role: 'firm', party: 'p1' }], () => undefined)
    page = (await openRoom(deskRoutes, 'desk', '没有工作台权限')).page
  })
})

describe('the registry', () => {
  // Keep the page when a filter changes → red.
  it('keeps its filters and page in the address, and starts again at the first page', async () => {
    const asked = await county([{ role: 'officer' }], (_, path) => (path === '/parties' ? { body: { items: [{ ...party, owed: 30000000, ceiling: 100000000 }], total: 41 } } : undefined))
    const opened = await openRoom(deskRoutes, 'desk/parties?q=电器&page=2', '某某电器')
    page = opened.page
    expect(page.find<HTMLInputElement>('#q').element.value).toBe('电器')
    expect(page.text()).toContain('30万元，另最高100万元')
    await page.find('#town').setValue('甲镇')
    await flushPromises()
    expect(opened.router.currentRoute.value.query).toEqual({ q: '电器', town: '甲镇' })
    const queries = asked.filter((a) => a.url.includes('/parties?')).map((a) => decodeURIComponent(a.url.split('?')[1]!))
    expect(queries).toEqual(['q=电器&page=2&per=20', 'q=电器&town=甲镇&page=1&per=20'])
  })

  it('says when nothing is found and clears the filters', async () => {
    await county([{ role: 'officer' }], (_, path, query) => (path === '/parties' ? { body: query.get('q') ? { items: [], total: 0 } : { items: [party], total: 1 } } : undefined))
    page = (await openRoom(deskRoutes, 'desk/parties?q=无', '没有符合条件的结果')).page
    await button(page, '清除条件').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('某某电器'))
  })
})

describe('who a scheme concerns', () => {
  it('counts each answer, keeps ceilings apart, and filters by a count', async () => {
    const asked = await county([{ role: 'officer' }], (_, path) =>
      path === '/schemes/d/a/affected'
        ? {
            body: {
              scheme: lite('d/a', '某奖励'), total: 1, page: 1, counts: { met: 3, close: 1, unmet: 5, unknown: 2, manual: 0 },
              total_owed: 90000000, total_ceiling: 100000000, total_potential: 200000000,
              items: [{ party, answer: 'unknown', amount: none, potential: { ...none, kind: 'exact', high: 30000000, text: '30万元' }, gap: '补充2025年营业收入', missing: [], verified: true, disputed: false, changes_on: '' }],
            },
          }
        : undefined,
    )
    const opened = await openRoom(deskRoutes, 'desk/affected/d/a', '某奖励')
    page = opened.page
    expect(page.findAll('dl dd').map((d) => d.text())).toEqual(['90万元', '100万元', '200万元'])
    expect(page.find('tbody tr').text()).toMatch(/补齐后.*30万元/s)
    await page.find('button.close').trigger('click')
    await flushPromises()
    expect(opened.router.currentRoute.value.query.answer).toBe('close')
    expect(asked.at(-1)!.url).toContain('answer=close')
  })
})

const view = (i: Partial<ImportView>): ImportView => ({
  id: 'i1', kind: 'figures', file_name: '年报.xlsx', state: 'staged', rows: 10, good: 8, bad: 2, written: 0, unchanged: 0, done: 10, total: 10,
  created_at: '', created_by: '某人', mine: true, ...i,
})

describe('an import', () => {
  it('knows how far it is', () => {
    expect(percent({ done: 21300, total: 50000 })).toBe(42)
    expect(percent({ done: 7, total: 0 })).toBeUndefined()
    expect(percent({ done: 60, total: 50 })).toBe(100)
    expect(working('staged')).toBe(false)
    expect(working('committing')).toBe(true)
  })

  // Ask again whatever the state → red.
  it('follows the work until there is something to decide, then asks no more', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const states = [view({ state: 'staging', rows: 0, done: 0, total: 0 }), view({ state: 'staging', done: 5, total: 10 }), view({})]
    let asks = 0
    await county([{ role: 'officer' }], (_, path) => {
      if (path === '/imports/i1') return { body: states[Math.min(asks++, 2)] }
      if (path === '/imports/i1/rows') return { body: { items: [], total: 0 } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/imports/i1', '正在逐格检查')).page
    expect(page.find('progress').attributes('value')).toBeUndefined()
    await vi.advanceTimersByTimeAsync(800)
    expect(page.find('progress').attributes('value')).toBe('50')
    await vi.advanceTimersByTimeAsync(800)
    expect(page.text()).toContain('8 行无误')
    expect(page.find('progress').exists()).toBe(false)
    await vi.advanceTimersByTimeAsync(5000)
    expect(asks).toBe(3)
  })

  // Commit on the first click → red.
  it('names every bad cell and why, and leaves bad rows out only after being asked', async () => {
    const asked = await county([{ role: 'officer' }], (a, path) => {
      if (path === '/imports/i1') return { body: view({}) }
      if (path === '/imports/i1/rows')
        return {
          body: {
            total: 1,
            items: [{ number: 1, line: 3, state: 'bad', code: '', name: '某厂', says: [], problems: [{ sheet: '数据', cell: 'D3', column: '营业收入@2025（万元）', message: '应写数字' }] }],
          },
        }
      if (path === '/imports/i1/commit' && a.method === 'POST') return { body: view({ state: 'committed', written: 8 }) }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/imports/i1', '应写数字')).page
    expect(page.find('tbody').text()).toMatch(/第 3 行.*D3.*营业收入@2025（万元）：应写数字/s)
    await button(page, '只导入无误的 8 行').trigger('click')
    expect(asked.some((a) => a.method === 'POST' && a.url.includes('/commit'))).toBe(false)
    await button(page, '确定导入').trigger('click')
    await flushPromises()
    expect(asked.find((a) => a.url.includes('/commit'))?.body).toEqual({ mode: 'good_only' })
    expect(page.text()).toContain('有误的 2 行没有导入')
  })

  it('says why nothing was imported', async () => {
    await county([{ role: 'officer' }], (_, path) =>
      path === '/imports/i1' ? { body: view({ state: 'failed', rows: 0, good: 0, bad: 0, failure: '表头有误', problems: [{ field: 'C1', message: '不认识这一栏' }] }) } : undefined,
    )
    page = (await openRoom(deskRoutes, 'desk/imports/i1', '表头有误')).page
    expect(page.text()).toContain('C1：不认识这一栏')
  })

  it('refuses at once what is no workbook', async () => {
    const asked = await county([{ role: 'officer' }], (_, path) => {
      if (path === '/imports/kinds') return { body: { items: [{ kind: 'firms', title: '企业名录' }] } }
      return path === '/imports' ? { body: { items: [], total: 0 } } : undefined
    })
    page = (await openRoom(deskRoutes, 'desk/imports', '还没有导入过')).page
    const input = page.find<HTMLInputElement>('input[type=file]')
    Object.defineProperty(input.element, 'files', { value: [new File(['x'], '年报.xls')] })
    await input.trigger('change')
    expect(page.find('[role=alert]').text()).toContain('.xlsx')
    expect(button(page, '上传并检查').attributes('disabled')).toBeDefined()
    expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/imports'))).toBe(false)
  })
})

describe('disputes', () => {
  it('ends only with a result and a reason; a correction carries the right value', async () => {
    const dispute = { id: 'd1', fact: fact({ id: 'f1', period: '2025', value: '99900000元' }), party, reason: '应为一亿元', state: 'open', opened_at: '', opened_by: '某厂', mine: true }
    const asked = await county([{ role: 'officer' }], (a, path) => {
      if (a.method === 'POST' && path === '/disputes/d1/resolve') return { body: { ...dispute, state: 'corrected', mine: false } }
      if (path === '/disputes') return { body: { items: [dispute], total: 1 } }
      return path === '/vocabulary' ? { body: vocabulary } : undefined
    })
    page = (await openRoom(deskRoutes, 'desk/disputes', '应为一亿元')).page
    expect(page.text()).toContain('9,990万元')
    await button(page, '处理').trigger('click')
    await page.find('li form').trigger('submit')
    expect(page.text()).toContain('请选择处理结果')
    expect(page.text()).toContain('请写明理由')
    await page.find('input[value=corrected]').setValue(true)
    await page.find('input[inputmode=decimal]').setValue('10000')
    await page.find('textarea').setValue('与年报核对无误')
    await page.find('li form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/resolve'))?.body).toEqual({
      decision: 'corrected', reason: '与年报核对无误', correction: { term: '营业收入', year: 2025, value: '10000万元', evidence: '' },
    })
    expect(page.text()).toContain('已办结')
  })
})

describe('accounts', () => {
  // Take the day from the UTC timestamp as it stands → red.
  it('were opened on the day it was in the county', async () => {
    const account = { id: 'a1', login: 'li', name: '李', disabled: false, created_at: '2026-11-22T17:45:44.123456Z', grants: [] }
    await county([{ role: 'administrator' }], (_, path) => (path === '/accounts' ? { body: { items: [account], total: 1 } } : undefined))
    page = (await openRoom(deskRoutes, 'desk/accounts', '没有角色')).page
    expect(page.text()).toContain('2026年11月23日')
  })

  // Send the grant as the form holds it → red.
  it('sends only the scope of each role and shows the password once', async () => {
    const account = { id: 'a1', login: 'li', name: '李', disabled: false, created_at: '', grants: [] }
    const asked = await county([{ role: 'administrator' }], (a, path) => {
      if (path === '/accounts') return { body: a.method === 'POST' ? { account, password: 'Kx7-mPq2' } : { items: [], total: 0 } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/accounts', '还没有账号')).page
    await button(page, '开通账号').trigger('click')
    await page.find('#new-login').setValue('li')
    await page.find('#new-name').setValue('李')
    const selects = page.findAll('fieldset select')
    await selects[1]!.setValue('市科技局')
    await selects[0]!.setValue('auditor')
    await page.find('form.card').trigger('submit')
    await flushPromises()
    expect(page.text()).toContain('请写明给予这些角色的理由') // whoever approves has to know
    await page.find('#new-reason').setValue('接替审计')
    await page.find('form.card').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.method === 'POST' && a.url.endsWith('/accounts'))?.body).toEqual({ login: 'li', name: '李', grants: [{ role: 'auditor' }], reason: '接替审计' })
    expect(page.text()).toContain('Kx7-mPq2')
    await button(page, '已交给本人').trigger('click')
    expect(page.text()).not.toContain('Kx7-mPq2')
  })
})
