import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Claim } from '@/record/claim'
import { button, county, openRoom } from '@/test/rooms'
import { deskRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const claim = (c: Partial<Claim> = {}): Claim => ({
  id: 'c1', code: '91330282DEM000AA10', name: '某某电器有限公司', known: true, party: 'p1', town: '甲镇', guarded: true, claimant: '王芳', login: 'wang', capacity: '经办人',
  statement: '本企业员工', evidence: [], state: 'open', opened_at: '2026-11-13T02:00:00.000000Z', waiting: 10, mine: true, ...c,
})

describe('claims at the desk', () => {
  it('begin with those to decide, and say how long each has waited and whether the principal was asked', async () => {
    const asked = await county([{ role: 'officer' }], (_, path) => (path === '/claims' ? { body: { items: [claim()], total: 1, page: 1 } } : undefined))
    const opened = await openRoom(deskRoutes, 'desk/claims', '某某电器有限公司')
    page = opened.page
    expect(opened.router.currentRoute.value.query).toEqual({ state: 'open' })
    expect(page.find('tbody tr').text()).toMatch(/甲镇.*王芳.*经办人.*待审核.*已转企业负责人.*10 天/s)
    await page.find('#asked').setValue('officer')
    await flushPromises()
    expect(decodeURIComponent(asked.at(-1)!.url)).toContain('state=open&asked=officer')
  })

  // Approve on the first click → red.
  it('are approved only after being asked, and then say what that means', async () => {
    let state: Claim['state'] = 'open'
    const asked = await county([{ role: 'officer' }], (_, path) => {
      if (path === '/claims/c1/decide') {
        state = 'approved'
        return { body: claim({ state, mine: false }) }
      }
      return path === '/claims/c1' ? { body: claim({ state, mine: state === 'open' }) } : undefined
    })
    page = (await openRoom(deskRoutes, 'desk/claims/c1', '审核')).page
    await button(page, '通过').trigger('click')
    expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/decide'))).toBe(false)
    expect(page.text()).toContain('王芳立即可以代表这家企业')
    await button(page, '确定通过').trigger('click')
    await page.find('section form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/decide'))?.body).toEqual({ approve: true })
    await vi.waitFor(() => expect(page!.text()).toContain('办理结果'))
  })

  it('to a firm that is not registered can be refused, not approved, and lead to the register', async () => {
    await county([{ role: 'officer' }], (_, path) => (path === '/claims/c1' ? { body: claim({ known: false, party: undefined, guarded: false }) } : undefined))
    const opened = await openRoom(deskRoutes, 'desk/claims/c1', '登记这家企业')
    page = opened.page
    expect(page.findAll('button').map((b) => b.text())).toEqual(['不通过'])
    await page.findAll('a').find((a) => a.text() === '登记这家企业')!.trigger('click')
    await vi.waitFor(() => expect(page!.find<HTMLInputElement>('#code').element.value).toBe('91330282DEM000AA10'))
    expect(page.find<HTMLInputElement>('#town').element.value).toBe('甲镇')
  })

  it('are nobody’s business who has no part in them', async () => {
    for (const role of ['leader', 'finance', 'administrator'] as const) {
      await county([{ role }], () => undefined)
      page = (await openRoom(deskRoutes, 'desk', '工作台')).page
      expect([role, page.text().includes('企业认领')]).toEqual([role, false])
      page.unmount()
    }
    page = undefined
  })
})

describe('signing up', () => {
  it('is opened and closed by an administrator', async () => {
    let closed = false
    const asked = await county([{ role: 'administrator' }], (a, path) => {
      if (path === '/sign-up') {
        if (a.method === 'PUT') closed = (a.body as { closed: boolean }).closed
        return { body: { closed } }
      }
      return path === '/accounts' ? { body: { items: [], total: 0 } } : undefined
    })
    page = (await openRoom(deskRoutes, 'desk/accounts', '自行注册：开放')).page
    await button(page, '关闭注册').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('自行注册：已关闭'))
    expect(asked.filter((a) => a.method === 'PUT').map((a) => a.body)).toEqual([{ closed: true }])
  })
})
