import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { button, county, openRoom } from '@/test/rooms'
import { detailsOf, loginOf, pageOf, type Entry, type Verification } from './audit'
import { deskRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const entry = (e: Partial<Entry>): Entry => ({
  seq: 7, at: '2026-11-23T09:45:00.000000Z', actor: 'a1', action: 'party.unmask', kind: 'party', id: 'r1', digest: 'd', data: '{"reason":"核对"}', hash: 'h',
  what: '查看个人信息', kind_label: '主体', by: 'li（李雷）', subject: { label: '某某电器', kind: 'party', id: 'p1' }, ...e,
})

const words = { kinds: [{ kind: 'account', label: '账号', actions: [{ action: 'account.signed_in', label: '登录' }] }, { kind: 'party', label: '主体', actions: [{ action: 'party.unmask', label: '查看个人信息' }] }] }

const verification = (v: Partial<Verification>): Verification => ({ state: 'none', done: 0, total: 0, ...v })

describe('the log', () => {
  // Mutation: link to the row's id → red.
  it('says who did what to what, when, and links to its page', async () => {
    await county([{ role: 'auditor' }], (_, path) => {
      if (path === '/audit') return { body: { items: [entry({})], more: false } }
      return { '/audit/words': { body: words }, '/audit/verification': { body: verification({}) } }[path]
    })
    page = (await openRoom(deskRoutes, 'desk/audit', '查看个人信息')).page
    const row = page.find('tbody tr')
    expect(row.text()).toMatch(/2026-11-23 17:45.*第 7 条.*查看个人信息.*某某电器.*li（李雷）.*理由：核对/s)
    expect(row.find('a').attributes('href')).toBe('/somewhere/desk/parties/p1')
    expect(page.findAll('nav[aria-label="翻页"]')).toHaveLength(0)
  })

  // Mutation: keep `before` when a filter changes → red.
  it('pages by number, narrows by who and what, and begins at the newest again', async () => {
    const asked = await county([{ role: 'auditor' }], (_, path, query) => {
      if (path === '/audit') return { body: { items: [entry({ seq: query.get('before') ? 6 : 7 })], more: !query.get('before') } }
      return { '/audit/words': { body: words }, '/audit/verification': { body: verification({}) } }[path]
    })
    const opened = await openRoom(deskRoutes, 'desk/audit', '更早的记录')
    page = opened.page
    const last = (): string => decodeURIComponent(asked.filter((a) => /\/audit\?/.test(a.url)).at(-1)!.url.split('?')[1]!)
    await button(page, '更早的记录').trigger('click')
    await flushPromises()
    expect(last()).toBe('before=7&per=50')
    expect(button(page, '更早的记录').attributes('disabled')).toBeDefined()
    await page.find('#kind').setValue('party')
    await flushPromises()
    expect(last()).toBe('kind=party&per=50')
    expect(page.find('#action').text()).toBe('全部查看个人信息')
    await button(page, 'li（李雷）').trigger('click')
    await flushPromises()
    expect(opened.router.currentRoute.value.query).toEqual({ by: 'li' })
    await button(page, '只看这个对象').trigger('click')
    await flushPromises()
    expect(last()).toBe('about=p1&per=50')
  })

  it('is only in the menu of an auditor of every town', async () => {
    for (const [grants, shown] of [
      [[{ role: 'auditor' }], true],
      [[{ role: 'auditor', town: '甲镇' }], false],
      [[{ role: 'officer' }, { role: 'administrator' }], false],
    ] as const) {
      await county([...grants], () => undefined)
      page = (await openRoom(deskRoutes, 'desk', '工作台')).page
      expect(page.text().includes('审计记录')).toBe(shown)
      page.unmount()
    }
  })

  it('reads details, and leaves alone what it does not know', async () => {
    await county([{ role: 'auditor' }], () => undefined)
    expect(detailsOf({ data: '{"reason":"核对","party":"","disabled":true,"grants":[{"role":"officer","town":"甲镇"}],"new":{"a":1}}' })).toEqual([
      { label: '理由', text: '核对' }, { label: '停用', text: '是' }, { label: '角色和范围', text: '经办人员（全部部门，甲镇）' }, { label: 'new', text: '{"a":1}' },
    ])
    expect(detailsOf({ data: '' })).toEqual([])
    expect(detailsOf({ data: 'x' })).toEqual([{ label: '详情', text: 'x' }])
    expect([loginOf('li（李雷）'), loginOf('系统'), loginOf('01a2')]).toEqual(['li', 'system', '01a2'])
    expect(pageOf({ subject: { kind: 'account', id: 'a1', label: 'li' } })).toBeUndefined()
  })
})

describe('the verification', () => {
  // Mutation: ask again after the end → red.
  it('is asked for, followed to its end, and says plainly what it found', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const found = { at: '2026-11-23T09:45:00.000000Z', by: 'shen（审计）', records: 1200, rows: 800, checkpoints: 1, head: 'x', problems: [], count: 0 }
    const answers = [
      verification({}), verification({ state: 'waiting' }), verification({ state: 'running', done: 500, total: 2000 }),
      verification({ state: 'done', done: 2000, total: 2000, found: { ...found, count: 1, problems: [{ what: 'changed', seq: 9, kind: 'party', id: 'r1', message: '一行现在的内容与最后一次记录（第 9 条）不符。' }] } }),
    ]
    let asks = 0
    const asked = await county([{ role: 'auditor' }], (_, path) => {
      if (path === '/audit/verification') return { body: answers[Math.min(asks++, 3)] }
      return { '/audit': { body: { items: [entry({})], more: false } }, '/audit/words': { body: words } }[path]
    })
    page = (await openRoom(deskRoutes, 'desk/audit', '还没有核验过')).page
    await button(page, '核验').trigger('click')
    await flushPromises()
    expect(asked.filter((a) => a.method === 'POST' && a.url.endsWith('/audit/verification'))).toHaveLength(1)
    expect(page.text()).toContain('等待开始')
    await vi.advanceTimersByTimeAsync(800)
    expect(page.find('progress').attributes('value')).toBe('25')
    expect(page.text()).not.toContain('没有发现')
    await vi.advanceTimersByTimeAsync(800)
    expect(page.text()).toMatch(/发现 1 处问题.*shen（审计）核验：通读记录 1,200 条，比对数据 800 项.*与记录不符的数据.*第 9 条/s)
    expect(page.find('.problems a').attributes('href')).toBe('/somewhere/desk/audit?before=10')
    await vi.advanceTimersByTimeAsync(5000)
    expect(asks).toBe(4)
    expect(asked.filter((a) => /\/audit\?/.test(a.url))).toHaveLength(2) // once at first, once when the log has a record more
  })
})
