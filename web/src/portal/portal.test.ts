import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SchemePage, SchemeView } from '@/api/portal'
import { decodeFigures } from '@/calculator/figures'
import { facets, schemeItem, schemeView } from '@/test/fixtures'
import { about, openPage } from '@/test/page'
import { serve, type Asked } from '@/test/server'
import Home from './Home.vue'
import Scheme from './Scheme.vue'
import Schemes from './Schemes.vue'

let page: VueWrapper | undefined

afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

type Found = Pick<SchemePage, 'items' | 'total' | 'page'>

function county(found: (url: URL) => Found | undefined): Asked[] {
  return serve((a) => {
    if (a.url.endsWith('/about')) return { body: about }
    const body = found(new URL(a.url, 'http://x'))
    return body ? { body: { facets, ...body } } : { status: 500, body: { code: 'internal', message: '系统出了问题' } }
  })
}

const asksForSchemes = (asked: Asked[]): string[] => asked.filter((a) => a.url.includes('/schemes')).map((a) => decodeURIComponent(a.url.split('?')[1] ?? ''))

describe('the home page', () => {
  it('leads to the search with the words typed', async () => {
    county(() => ({ items: [schemeItem()], total: 1, page: 1 }))
    const opened = await openPage(Home, '', '')
    page = opened.page
    await page.find('input[type=search]').setValue(' 技改 ')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(opened.router.currentRoute.value).toMatchObject({ path: '/somewhere/schemes', query: { q: '技改' } })
  })

  it('shows what is in force, and what has expired only when nothing is', async () => {
    county((url) => (url.searchParams.get('standing') === 'in_force' ? { items: [], total: 0, page: 1 } : { items: [schemeItem({ standing: 'expired' })], total: 1, page: 1 }))
    page = (await openPage(Home, '', '')).page
    expect(page.find('article').text()).toContain('已失效')
  })
})

describe('the search page', () => {
  it('asks what its address says and shows what each gives, its number, office and standing', async () => {
    const asked = county(() => ({ items: [schemeItem(), schemeItem({ id: 'old/1', document: { id: 'old', title: '旧文件', number: '', number_known: false, body: '', level: '' }, standing: 'expired' })], total: 41, page: 2 }))
    page = (await openPage(Schemes, 'schemes', 'schemes?q=技改&department=市经信局&page=2', 'schemes')).page
    expect(asksForSchemes(asked)).toEqual(['q=技改&department=市经信局&standing=in_force&page=2&per=20'])
    const text = page.text()
    for (const said of ['每满100万元给予最高500元', '慈政办发〔2025〕20号', '市经信局', '现行有效', '已失效', '文号未查到', '找到 41 条', '第 2 页，共 3 页']) expect(text).toContain(said)
  })

  it('puts every filter into the address, and starts again at the first page', async () => {
    const asked = county(() => ({ items: [schemeItem()], total: 41, page: 1 }))
    const opened = await openPage(Schemes, 'schemes', 'schemes?page=3', 'schemes')
    page = opened.page
    await page.find('#f-department').setValue('市科技局')
    await flushPromises()
    await page.find('#f-standing').setValue('all')
    await flushPromises()
    expect(page.find('#f-department').text()).toContain('市科技局（2）')
    expect(opened.router.currentRoute.value.query).toEqual({ department: '市科技局', standing: 'all' })
    expect(asksForSchemes(asked).at(-1)).toBe('department=市科技局&standing=all&page=1&per=20')
    opened.router.back()
    await vi.waitFor(() => expect(asksForSchemes(asked).at(-1)).toBe('department=市科技局&standing=in_force&page=1&per=20'))
    expect(page.find<HTMLSelectElement>('#f-standing').element.value).toBe('in_force')
  })

  it('says when nothing is found, and lets one start afresh', async () => {
    county(() => ({ items: [], total: 0, page: 1 }))
    const opened = await openPage(Schemes, 'schemes', 'schemes?q=没有的词', 'schemes')
    page = opened.page
    expect(page.text()).toContain('没有找到符合条件的政策')
    await page.findAll('button').find((b) => b.text() === '清除条件')!.trigger('click')
    await flushPromises()
    expect(opened.router.currentRoute.value.query).toEqual({})
  })

  it('says when the server failed, and tries again', async () => {
    let broken = true
    county(() => (broken ? undefined : { items: [schemeItem()], total: 1, page: 1 }))
    page = (await openPage(Schemes, 'schemes', 'schemes', 'schemes')).page
    expect(page.find('[role=alert]').text()).toContain('系统出了问题')
    broken = false
    await page.find('[role=alert] button').trigger('click')
    await flushPromises()
    expect(page.findAll('article')).toHaveLength(1)
  })
})

describe('a scheme', () => {
  async function read(change: (v: SchemeView) => void = () => {}): Promise<VueWrapper> {
    const view = schemeView()
    change(view)
    serve((a) => ({ body: a.url.endsWith('/about') ? about : view }))
    page = (await openPage(Scheme, 'schemes/:doc/:scheme', 'schemes/cx2025/C001', 'scheme')).page
    return page
  }

  it('tells what it gives, its conditions, examples with their arithmetic, citations and the document', async () => {
    const text = (await read()).text()
    for (const said of [
      '每满100万元给予最高500元',
      '「最高」为上限，实际金额由主管部门核定。',
      '近两年营业收入年均增长率为正',
      '每家企业每年度1次',
      '10 × 500元 = 5000元',
      '慈政办发〔2025〕20号',
      '2025年9月17日',
      '文件未写明或未查到',
      '市经信局',
      '按「各年增长率的平均」理解（待确认）',
      '原文没有写上限（编者；检查编号 uncapped）',
      '条文中的“地方贡献”，2024-08-01 起施行的《某条例》第十条不再允许',
      '按「未写明有效期的年度政策,到下一年度政策发布为止」理解（待确认）',
      '2025年营业收入',
    ])
      expect(text).toContain(said)
    expect(text).not.toContain('已失效')
  })

  // Mutation: leave the row of the number out when there is none → red.
  it('says that a number or an office was not found, and invents none', async () => {
    const text = (await read((v) => {
      v.description.document.number = ''
      v.description.office = ''
    })).text()
    expect(text).toContain('文号未查到')
    expect(text).toContain('责任部门未查到')
  })

  it('warns of what has expired and leads to its successor', async () => {
    const w = await read((v) => {
      v.standing = 'expired'
      v.description.succeeded_by = 'cx2026/C1'
    })
    const banner = w.find('.banner')
    expect(banner.text()).toContain('已失效')
    expect(banner.text()).toContain('不能再据此申报')
    expect(banner.find('a').attributes('href')).toBe('/somewhere/schemes/cx2026/C1')
  })

  it('opens the calculator with itself alone', async () => {
    const link = (await read()).findAll('a').find((a) => a.text() === '用我的数字算一算')!.attributes('href')!
    expect(link).toMatch(/^\/somewhere\/calculator#/)
    expect(decodeFigures(link.split('#')[1]!).schemes).toEqual(['cx2025/C001'])
  })

  it('links to an original only if a browser would open it as a page', async () => {
    expect((await read()).find('a[target=_blank]').attributes('href')).toMatch(/^http:\/\/www\.cixi\.gov\.cn\//)
    page!.unmount()
    const w = await read((v) => (v.description.document.url = 'javascript:alert(1)'))
    expect(w.find('a[target=_blank]').exists()).toBe(false)
  })

  it('shows the first examples and the others on demand', async () => {
    const w = await read((v) => {
      const e = v.description.examples![0]!
      v.description.examples = [e, e, e, e, e]
    })
    expect(w.findAll('.example')).toHaveLength(3)
    await w.findAll('button').find((b) => b.text().includes('5'))!.trigger('click')
    expect(w.findAll('.example')).toHaveLength(5)
  })
})
