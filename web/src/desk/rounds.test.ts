import type { VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Round } from '@/case/api'
import { button, county, openRoom } from '@/test/rooms'
import { noticeWords, roundNotice } from './rounds'
import { deskRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const notice = (action: string, days: number, unit: string) => ({ action, days, unit, source: '承诺' })
const ref = (id: string, title: string, ...notices: ReturnType<typeof notice>[]) => ({ id, title, hash: id, starts: 'applicant' as const, stands: false, decides: true, checks: false, upward: false, notices })

describe('a public notice', () => {
  // Let the round say nothing of what it changes → red.
  it('runs as its process says, unless the round says otherwise', () => {
    const process = ref('甲', '某流程', notice('公示', 5, '工作日'), notice('再公示', 5, '工作日'))
    expect(noticeWords(process)).toBe('5个工作日')
    expect(noticeWords(ref('乙', '别的', notice('公示', 7, '日'), notice('再公示', 1, '月')))).toBe('公示7日、再公示1个月')
    expect(roundNotice({ notice_days: 0, notice_unit: '', process } as unknown as Round)).toBe('公示5个工作日')
    expect(roundNotice({ notice_days: 7, notice_unit: '日', process } as unknown as Round)).toBe('公示7日（本批另定）')
  })
})

describe('a new round', () => {
  const scheme = (id: string, title: string, process?: string) => ({ id, title, process, kind: 'money', office: '甲局', cite: '', standing: 'in_force', document: { number: '某号', title: '某文' } })
  const opened = async () => {
    const asked = await county([{ role: 'officer', department: '甲局' }], (a, path) => {
      if (path === '/schemes') return { body: { items: [scheme('d/1', '没有写的'), scheme('d/2', '写了的', '乙'), scheme('d/3', '写了别的', '甲')] } }
      if (path === '/processes') return { body: { items: [ref('甲', '甲流程', notice('公示', 5, '工作日')), ref('乙', '乙流程', notice('公示', 7, '日'))] } }
      if (path === '/rounds' && a.method === 'POST') return { status: 201, body: { id: 'r1' } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/rounds/new', '政策和材料')).page
    return asked
  }
  const selects = () => page!.findAll('select')
  const add = async (id: string) => {
    await selects().at(-1)!.setValue(id)
    await button(page!, '加入批次').trigger('click')
  }
  const process = () => (selects()[0]!.element as HTMLSelectElement).value

  // Take the first process whatever the file of the scheme says, or when none is named → red.
  it('runs by the process that the file of its scheme names, and says so, until somebody chooses another', async () => {
    const asked = await opened()
    expect(process()).toBe('')
    await add('d/1')
    expect(process()).toBe('')
    expect(page!.text()).toContain('没有写默认流程')
    await add('d/2')
    expect(process()).toBe('乙')
    expect(page!.text()).toContain('取自政策文件：“写了的”写的是“乙流程”。')
    expect(page!.text()).toContain('按办理流程：7日')
    await selects()[0]!.setValue('甲')
    await add('d/3')
    expect(process()).toBe('甲')
    expect(page!.text()).toContain('所选政策的默认流程不一样')
    await page!.find('form').trigger('submit')
    await vi.waitFor(() => expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/rounds'))).toBe(true))
    const sent = asked.find((a) => a.method === 'POST' && a.url.endsWith('/rounds'))!.body as Record<string, unknown>
    expect([sent.process, sent.notice_days, sent.notice_unit]).toEqual(['甲', 0, ''])
  })

  // Offer a batch's process, ask for a year, or offer what only a process that decides sums deals with → red.
  it('that stands asks for no year and no notice, and offers what its process can deal with', async () => {
    const asked = await county([{ role: 'officer', department: '甲局' }], (a, path) => {
      if (path === '/schemes') return { body: { items: [scheme('d/1', '一笔钱'), { ...scheme('d/2', '一张证', '丙'), kind: 'licence' }] } }
      if (path === '/processes') return { body: { items: [ref('甲', '按批办'), { ...ref('丙', '逐件办'), stands: true, decides: false }] } }
      if (path === '/rounds' && a.method === 'POST') return { status: 201, body: { id: 'r1' } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/rounds/new?standing=1', '事项和材料')).page
    expect(page.text()).not.toContain('考核年度')
    expect(page.text()).not.toContain('公示期')
    expect(selects()[0]!.text()).not.toContain('按批办')
    expect(selects().at(-1)!.text()).toContain('一张证')
    expect(selects().at(-1)!.text()).not.toContain('一笔钱')
    await selects().at(-1)!.setValue('d/2')
    await button(page, '加入').trigger('click')
    await page.find('form').trigger('submit')
    await vi.waitFor(() => expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/rounds'))).toBe(true))
    const sent = asked.find((a) => a.method === 'POST' && a.url.endsWith('/rounds'))!.body as Record<string, unknown>
    expect([sent.standing, sent.performance, sent.process]).toEqual([true, 0, '丙'])
  })

  it('may say how long its notices run', async () => {
    const asked = await opened()
    await selects()[0]!.setValue('甲')
    await selects()[1]!.setValue('true')
    const days = page!.find('input[aria-label="公示期的天数"]')
    expect((days.element as HTMLInputElement).value).toBe('5')
    await days.setValue('7')
    await page!.find('select[aria-label="公示期的单位"]').setValue('日')
    await page!.find('form').trigger('submit')
    await vi.waitFor(() => expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/rounds'))).toBe(true))
    const sent = asked.find((a) => a.method === 'POST' && a.url.endsWith('/rounds'))!.body as Record<string, unknown>
    expect([sent.notice_days, sent.notice_unit]).toEqual([7, '日'])
  })
})
