import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { button, county, openRoom } from '@/test/rooms'
import { bodyOf, changesOf, type DiffLine, type Draft, formOf, type Inspection, kindOf, monthsOf, placeOf, type Published, publishedBy, quoteOf, rowsOf, weekdayOf, type YearDay } from './publishing'
import { deskRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const line = (mark: DiffLine['mark'], text: string, old?: number, now?: number): DiffLine => ({ mark, text, old, new: now })

describe('two texts side by side', () => {
  // Put every line in a row of its own → red.
  it('puts what was removed beside what took its place, and marks what is left out', () => {
    const rows = rowsOf([line('same', 'a', 1, 1), line('removed', 'b', 2), line('removed', 'c', 3), line('added', 'x', undefined, 2), line('same', 'd', 4, 3), line('same', 'h', 9, 8)])
    expect(rows.map((r) => (r.gap ? '⋯' : `${r.before?.text ?? ''}|${r.after?.text ?? ''}`))).toEqual(['a|a', 'b|x', 'c|', 'd|d', '⋯', 'h|h'])
  })

  it('finds the word at a column, counted in characters', () => {
    expect(quoteOf('  - {has: 名陆@有效, text: 甲}', 11)).toEqual(['- {has: ', '名陆@有效', ', text: 甲}'])
    expect(quoteOf('甲乙', 9)).toEqual(['甲乙', '', ''])
    const [before, word] = quoteOf('长'.repeat(200) + '，错', 202)
    expect([before.startsWith('…'), before.length, word]).toEqual([true, 41, '错'])
  })
})

describe('a proposal', () => {
  it('goes where a file of its name lies, else to the own level', () => {
    expect(placeOf('a.yaml', ['up/a.yaml', 'own/b.yaml'], 'own')).toBe('up/a.yaml')
    expect(placeOf('a.yaml', ['up/a.yaml', 'own/a.yaml'], 'own')).toBe('own/a.yaml')
    expect(placeOf('a.yaml', ['up/a.yaml', 'top/a.yaml'], 'own')).toBe('own/a.yaml')
    expect(placeOf('new.yaml', ['up/a.yaml'], 'own')).toBe('own/new.yaml')
  })

  // Read an uploaded file as text, or lose its line ends → red.
  it('sends what was uploaded byte for byte, and an edited text with the line ends it came with', async () => {
    const bytes = new Uint8Array([0xff, 0x0d, 0x0a])
    expect(new Uint8Array(await bodyOf({ path: 'x', file: new Blob([bytes]), text: '?' }).arrayBuffer())).toEqual(bytes)
    expect(await bodyOf({ path: 'x', text: 'a\nb\n', crlf: true }).text()).toBe('a\r\nb\r\n')
    expect(await bodyOf({ path: 'x', text: 'a\nb\n' }).text()).toBe('a\nb\n')
    const form = formOf('p1', [{ path: 'own/a.yaml', text: 'a' }, { path: 'own/b.yaml', text: 'b' }], ['own/c.yaml'], '说明')
    expect([form.get('base'), form.get('note'), form.getAll('path'), form.getAll('remove'), form.getAll('file').length]).toEqual(['p1', '说明', ['own/a.yaml', 'own/b.yaml'], ['own/c.yaml'], 2])
  })

  it('says who published', () => {
    expect(publishedBy({ origin: 'seed', published_by: '系统', approved_by: '' })).toBe('随程序装入')
    expect(publishedBy({ origin: 'tenant:up', published_by: '系统', approved_by: '' })).toBe('上级下发')
    expect(publishedBy({ origin: 'desk', published_by: '甲', approved_by: '乙' })).toBe('甲提出，乙核准')
    expect(publishedBy({ origin: 'desk', published_by: '命令行', approved_by: '' })).toBe('命令行发布')
  })
})

// 1 January 2027 is a Friday and 27 December 2026 a Sunday. The days are invented.
// Mutations: begin the weeks on Sunday; leave out the December before.
describe('a year by month', () => {
  const days: YearDay[] = [
    { day: '2026-12-27', kind: 'work', name: '元旦' },
    { day: '2027-01-01', kind: 'off', name: '元旦' },
    { day: '2027-01-04', kind: 'plain', name: '元旦', was: 'off' },
  ]
  it('lays its weeks from Monday, with the December that its notice moves days of', () => {
    const all = monthsOf({ year: 2027, days })
    expect(all.map((m) => `${m.year}-${m.month}`).slice(0, 3)).toEqual(['2026-12', '2027-1', '2027-2'])
    expect(all).toHaveLength(13)
    expect(all[1]!.weeks[0]!.map((c) => c?.day)).toEqual([undefined, undefined, undefined, undefined, 1, 2, 3])
    expect(all[1]!.weeks[0]!.map((c) => c?.rests)).toEqual([undefined, undefined, undefined, undefined, false, true, true])
    expect(all[1]!.weeks[0]![4]!.told?.kind).toBe('off')
    expect(all[0]!.weeks[3]![6]).toMatchObject({ day: 27, rests: true, told: { kind: 'work' } })
    expect(monthsOf({ year: 2027, days: days.slice(1) })).toHaveLength(12)
    expect(all.flatMap((m) => m.weeks.flat()).filter((c) => c?.date.startsWith('2027')).length).toBe(365)
  })
  it('says what a day is', () => {
    expect([kindOf('2027-01-04', 'plain'), kindOf('2027-01-02', 'plain'), kindOf('2026-12-27', 'work'), weekdayOf('2027-01-04')]).toEqual(['照常上班', '周末休息', '上班', '周一'])
  })
})

const file = { id: 'v1', path: 'own/a.yaml', hash: '0123456789abcdef', document: 'a', origin: 'seed', published_by: '系统', approved_by: '', published_at: '2026-11-23T02:00:00.000000Z', level: '本县', title: '某某意见', size: 10 }
const published = (over: Partial<Published> = {}): Published => ({
  edition: { id: 'p1', origin: 'seed', note: '', published_by: '系统', approved_by: '', published_at: '2026-11-23T02:00:00.000000Z', files: [] },
  levels: [{ folder: 'up', label: '上级' }, { folder: 'own', label: '本县' }],
  documents: [{ ...file, standing: 'in_force', about: { number: '某发〔2026〕1号', number_known: true, body: '', published: '2026-01-01', in_force: '2026-01-01', valid_until: '', replaced: '', schemes: [] } }],
  processes: [{ ...file, path: 'up/p.yaml', title: '某流程', process: '甲', level: '上级' }],
  calendars: [],
  vocabularies: [{ ...file, path: 'up/v.yaml', title: 'up/v.yaml', level: '上级' }],
  follows: false, waiting: 0, administrators: 2, ...over,
})
const empty: Inspection = { base: 'p1', files: [], problems: [], errors: 0, changes: [], documents: [], schemes: [], processes: [], charts: [], calendars: [] }
const draft = (over: Partial<Draft> = {}): Draft => ({
  id: 'd1', state: 'draft', base: 'p1', note: '提高奖励', proposed_by: '甲', proposed_at: '2026-11-23T02:00:00.000000Z', checked_at: '2026-11-23T02:00:00.000000Z',
  files: [{ path: 'own/a.yaml', removed: false, hash: 'h' }], stale: false, mine: false, may_approve: true, ...over,
})

describe('the published files', () => {
  it('offer a proposal to administrators only, and tell a lone one what to do', async () => {
    const answer = (p: Published) => (_: unknown, path: string) => (path === '/publications' ? { body: p } : path === '/publications/proposals' ? { body: { items: [draft()], total: 1 } } : undefined)
    await county([{ role: 'officer' }], answer(published({ administrators: undefined })))
    page = (await openRoom(deskRoutes, 'desk/policies', '某某意见')).page
    expect(page.text()).not.toContain('提出新的发布')
    expect(page.text()).not.toContain('待核准')
    expect(page.text()).toContain('某发〔2026〕1号')
    page.unmount()
    await county([{ role: 'administrator' }], answer(published({ administrators: 1 })))
    page = (await openRoom(deskRoutes, 'desk/policies', '待核准的草案（1）')).page
    expect(page.text()).toContain('本地只有一名管理员')
    expect(page.text()).toContain('提出新的发布')
  })

  // List processes with the vocabularies → red.
  it('list processes by themselves, and show one as the machine reads it', async () => {
    await county([{ role: 'officer' }], (_, path) => {
      if (path === '/publications') return { body: published() }
      if (path === '/publications/file') return { body: { file: published().processes[0], text: 'process: 甲', current: true, history: [], reading: [{ title: '一件申报：核', lines: [line('added', '告诉申请人：正在核对。')] }], charts: [] } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/policies', '办理流程')).page
    const tables = page.findAll('table').map((t) => t.text())
    expect(tables[1]).toContain('某流程')
    expect(tables[2]).not.toContain('某流程')
    page.unmount()
    page = (await openRoom(deskRoutes, 'desk/policies/file?path=up/p.yaml', '系统读懂的意思')).page
    expect(page.text()).toContain('一件申报：核')
    expect(page.text()).toContain('告诉申请人：正在核对。')
  })
})

describe('proposing', () => {
  // Leave processes out of what may be changed → red.
  it('offers every published file to be changed, processes too', async () => {
    await county([{ role: 'administrator' }], (_, path) => (path === '/publications' ? { body: published() } : undefined))
    page = (await openRoom(deskRoutes, 'desk/policies/propose', '检查')).page
    const offered = page.findAll('option').map((o) => o.text()).join(' ')
    for (const p of ['own/a.yaml', 'up/p.yaml', 'up/v.yaml']) expect(offered).toContain(p)
  })

  const served = (inspection: Inspection, status = 200) =>
    county([{ role: 'administrator' }], (a, path) => {
      if (path === '/publications') return { body: published() }
      if (path === '/publications/file') return { body: { file: { ...file }, text: 'title: 甲\r\n', current: true, history: [], reading: [], charts: [] } }
      if (path === '/publications/check') return { status, body: status === 200 ? inspection : { code: 'conflict', message: '其他人刚刚发布了', details: [] } }
      if (path === '/publications/proposals' && a.method === 'POST') return { status: 201, body: draft({ mine: true, may_approve: false }) }
      if (path === '/publications/proposals/d1') return { body: { draft: draft({ mine: true, may_approve: false }), inspection: empty } }
      return undefined
    })

  // Let the page submit in spite of errors, or forget that something was changed after the check → red.
  it('submits only what was checked and is sound', async () => {
    const asked = await served({ ...empty, files: [{ path: 'own/a.yaml', change: 'changed', hash: 'h', lines: [], clipped: false }], errors: 1, problems: [{ file: 'own/a.yaml', line: 1, column: 8, severity: 'error', message: '不认识甲', own: true, text: 'title: 甲' }] })
    page = (await openRoom(deskRoutes, 'desk/policies/propose?edit=own/a.yaml', 'own/a.yaml 的内容')).page
    await page.find('textarea').setValue('title: 乙\n')
    await button(page, '检查').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('有 1 处错误'))
    expect(page.find('mark').text()).toBe('甲')
    expect(page.text()).not.toContain('等另一名管理员核准')
    const sent = asked.find((a) => a.url.endsWith('/check'))!.body as FormData
    expect(await (sent.get('file') as File).text()).toBe('title: 乙\r\n')
    page.unmount()

    await served({ ...empty, files: [{ path: 'own/a.yaml', change: 'changed', hash: 'h', lines: [], clipped: false }] })
    const opened = await openRoom(deskRoutes, 'desk/policies/propose?edit=own/a.yaml', 'own/a.yaml 的内容')
    page = opened.page
    await page.find('textarea').setValue('title: 丙\n')
    await button(page, '检查').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('提交，等另一名管理员核准'))
    await page.find('textarea').setValue('title: 丁\n')
    expect(page.text()).not.toContain('提交，等另一名管理员核准')
    expect(page.text()).toContain('内容已经改动')
    await button(page, '重新检查').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('提交，等另一名管理员核准'))
    await page.findAll('form').at(-1)!.trigger('submit')
    await vi.waitFor(() => expect(opened.router.currentRoute.value.path).toBe('/somewhere/desk/policies/proposals/d1'))
  })

  it('offers to compare anew when somebody published meanwhile', async () => {
    const asked = await served(empty, 409)
    page = (await openRoom(deskRoutes, 'desk/policies/propose?remove=own/a.yaml', '撤下')).page
    await button(page, '检查').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('其他人刚刚发布了'))
    await button(page, '与现在的现行文件重新检查').trigger('click')
    await flushPromises()
    await vi.waitFor(() => expect(asked.filter((a) => a.url.endsWith('/check')).length).toBe(2))
    expect((asked.at(-1)!.body as FormData).getAll('remove')).toEqual(['own/a.yaml'])
  })
})

describe('what a proposal changes', () => {
  const sentence = (id: string, text: string, way?: '更严' | '更宽' | '更多' | '更少') => ({ id, title: `名称${id}`, text, way })
  const changes = [sentence('a/一', '要求改了。', '更严'), sentence('a/一', '封顶改了。', '更多'), sentence('a/二', '删去条款。')]

  // Begin a group at every sentence → red.
  it('stands together, scheme by scheme', () => {
    expect(changesOf(changes).map((g) => [g.id, g.list.length])).toEqual([['a/一', 2], ['a/二', 1]])
    expect(changesOf([])).toEqual([])
  })

  // Put the sentences below the files, or leave out the way → red.
  it('is said in sentences above the lines', async () => {
    await county([{ role: 'administrator' }], (_, path) => {
      if (path === '/publications') return { body: published() }
      if (path === '/publications/proposals/d1') return { body: { draft: draft(), inspection: { ...empty, changes, files: [{ path: 'own/a.yaml', change: 'changed', hash: 'h', lines: [], clipped: false }] } } }
      return undefined
    })
    page = (await openRoom(deskRoutes, 'desk/policies/proposals/d1', '改了什么')).page
    const text = page.text()
    expect(text).toMatch(/更严\s*要求改了。/)
    expect(text).toMatch(/更多\s*封顶改了。/)
    expect(text.indexOf('删去条款。')).toBeGreaterThan(0)
    expect(text.indexOf('删去条款。')).toBeLessThan(text.indexOf('文件：'))
  })
})

describe('a draft', () => {
  const served = (d: Draft, administrators = 2, inspection = empty) =>
    county([{ role: 'administrator' }], (a, path) => {
      if (path === '/publications') return { body: published({ administrators }) }
      if (path === '/publications/proposals/d1') return { body: { draft: d, inspection } }
      if (path === '/publications/proposals/d1/approve') return { body: draft({ state: 'published', may_approve: false, ended_by: '乙', ended_at: '2026-11-23T03:00:00.000000Z' }) }
      if (path === '/publications/proposals/d1/return') return { body: draft({ state: 'returned', may_approve: false, ended_by: '乙', reason: (a.body as { reason: string }).reason }) }
      return undefined
    })

  // Approve on the first click, or another base than the one that is shown → red.
  it('is published only after being asked, as it was seen', async () => {
    const asked = await served(draft())
    page = (await openRoom(deskRoutes, 'desk/policies/proposals/d1', '提高奖励')).page
    await button(page, '核准并发布').trigger('click')
    expect(asked.some((a) => a.url.endsWith('/approve'))).toBe(false)
    await button(page, '确定核准').trigger('click')
    await vi.waitFor(() => expect(page!.text()).toContain('已经发布'))
    expect(asked.find((a) => a.url.endsWith('/approve'))!.body).toEqual({ base: 'p1' })
  })

  // Leave processes out of what an approver sees → red.
  it('shows each process before and after, by stage', async () => {
    await served(draft(), 2, {
      ...empty, files: [{ path: 'own/p.yaml', change: 'changed', hash: 'h', lines: [], clipped: false }],
      processes: [{ id: '甲', title: '某流程', change: 'changed', same: ['一件申报：填'], parts: [{ title: '一件申报：核', lines: [line('removed', '在5个工作日内办理', 1), line('added', '在8个工作日内办理', undefined, 1)] }] }],
    })
    page = (await openRoom(deskRoutes, 'desk/policies/proposals/d1', '办理流程：更新 1 个')).page
    for (const text of ['某流程', '一件申报：核', '在5个工作日内办理', '在8个工作日内办理', '没有变的：一件申报：填']) expect(page.text()).toContain(text)
  })

  it('offers whoever proposed it no approval, and says when nobody else can', async () => {
    await served(draft({ mine: true, may_approve: false }), 1)
    page = (await openRoom(deskRoutes, 'desk/policies/proposals/d1', '本地只有您一名管理员')).page
    expect(page.text()).not.toContain('核准并发布')
    expect(page.text()).toContain('撤回')
  })

  it('that is older than the files in use cannot be approved, and is returned with a reason', async () => {
    const asked = await served(draft({ stale: true }))
    page = (await openRoom(deskRoutes, 'desk/policies/proposals/d1', '请提出人重新核对')).page
    expect(page.text()).not.toContain('核准并发布')
    await button(page, '退回').trigger('click')
    await page.find('form').trigger('submit')
    expect(page.text()).toContain('请写明退回的理由')
    expect(asked.some((a) => a.url.endsWith('/return'))).toBe(false)
    await page.find('textarea').setValue('与公文不符')
    await page.find('form').trigger('submit')
    await vi.waitFor(() => expect(page!.text()).toContain('与公文不符'))
  })
})
