import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Amount, Need } from '@/api/types'
import type { Fact, Standpoints } from '@/record/types'
import { fact, party, standpoint, vocabulary } from '@/test/record'
import { button, county, openRoom } from '@/test/rooms'
import type { Asked } from '@/test/server'
import { firmRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const none: Amount = { kind: 'none', low: 0, high: 0, open: false, text: '' }
const exact: Amount = { kind: 'exact', low: 30000000, high: 30000000, open: false, text: '30万元' }
const ceiling: Amount = { kind: 'ceiling', low: 0, high: 100000000, open: false, text: '最高100万元' }
const need: Need = { key: '营业收入@2025', label: '2025年营业收入', term: '营业收入', year: 2025, type: 'number', unit: '元', schemes: ['d/c'] }

const answers: Standpoints = {
  party: 'p1',
  on: '2026-11-23',
  items: [
    standpoint('d/a', { amount: exact }),
    standpoint('d/b', { amount: ceiling, verified: false }),
    standpoint('d/n', {
      group: 'close', answer: 'unmet',
      gaps: [{ condition: '营业收入增长10%以上', short: '相差0.01个百分点', moves: ['营业收入(2025年)再增加1万元，达到11000万元'] }],
    }),
    standpoint('d/c', { group: 'unknown', answer: 'unknown', potential: exact, missing: [need] }),
    standpoint('d/x', { group: 'not', answer: 'unmet' }),
  ],
  ask: [need],
  total: { owed: 30000000, ceiling: 100000000, potential: 30000000 },
}

const changed = { scheme: 'd/c', title: '某奖励', before: { answer: 'unknown', amount: none }, after: { answer: 'met', amount: exact } }

async function firm(facts: Fact[], post: (asked: Asked) => { status?: number; body?: unknown }): Promise<Asked[]> {
  return county([{ role: 'firm', party: 'p1' }], (asked, path) => {
    if (asked.method === 'POST') return post(asked)
    if (path === '/parties/p1') return { body: party }
    if (path === '/vocabulary') return { body: vocabulary }
    if (path === '/parties/p1/answers') return { body: answers }
    if (path === '/certificates' || path === '/parties/p1/dues') return { body: { items: [] } }
    if (path === '/disputes')
      return { body: { items: [{ id: 'x', fact: facts[0] ?? fact(), party, reason: '不对', state: 'upheld', opened_at: '', opened_by: '', decision: '与年报一致', mine: false }] } }
    if (path === '/parties/p1/facts') return { body: { items: facts } }
    return undefined
  })
}

describe('where a firm stands', () => {
  // Add the ceiling to what is owed → red.
  it('shows what is owed apart from ceilings, what is close and by how much, and folds away what does not apply', async () => {
    await firm([], () => ({}))
    page = (await openRoom(firmRoutes, 'firm', '可以享受')).page
    const sums = page.findAll('dl .big').map((d) => d.text())
    expect(sums).toEqual(['30万元', '100万元', '1 项', '1 项'])
    const close = page.findAll('section').find((s) => s.find('h2').text().startsWith('差一点'))!
    expect(close.text()).toContain('相差0.01个百分点')
    expect(close.text()).toContain('再增加1万元，达到11000万元')
    const not = page.findAll('details').find((d) => d.text().includes('不符合或不适用'))!
    expect(not.attributes('open')).toBeUndefined()
    expect(page.find('a[href="/somewhere/firm/p1/schemes/d/a"]').exists()).toBe(true)
  })

  it('takes a missing figure on the spot, says what it changed, and asks for the answers again', async () => {
    const asked = await firm([], () => ({ body: { fact: fact(), answers_changed: [changed] } }))
    page = (await openRoom(firmRoutes, 'firm', '可以享受')).page
    await button(page, '填写：2025年营业收入').trigger('click')
    await page.find('form input[inputmode=decimal]').setValue('９,９９０')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.method === 'POST' && a.url.includes('/facts'))).toMatchObject({
      url: '/api/somewhere/parties/p1/facts',
      body: { term: '营业收入', year: 2025, value: '9990万元', evidence: '' },
    })
    const said = page.find('.changes')
    expect(said.attributes('role')).toBe('status')
    expect(said.text()).toMatch(/1 项政策的结论有变化.*某奖励.*待补充.*符合.*30万元/s)
    expect(asked.filter((a) => a.url.endsWith('/answers'))).toHaveLength(2)
  })

  // Show what is over; leave the day off what is not reckoned; let what was begun be begun again; call what was sent back something to go on with → red.
  it('shows what it holds and what is due next by its day, each a press away', async () => {
    const held = (id: string, state: string) => ({ id, number: `证${id}`, title: `许可${id}`, state, stands_until: '2027-02-19', valid_until: '2027-02-19' })
    const due = (title: string, more: object) => ({
      title, scheme: 'd/a', waits: false, submitted: false, rule: '届满日的60日前', nominal: '2026-12-21',
      limit: { due: '2026-12-21', late: false, text: '还剩23日', unit: '日', cite: '某办法第一条' }, ...more,
    })
    const asked = await county([{ role: 'firm', party: 'p1' }], (a, path) => {
      if (path === '/parties/p1') return { body: party }
      if (path === '/vocabulary') return { body: vocabulary }
      if (path === '/parties/p1/answers') return { body: answers }
      if (path === '/certificates') return { body: { items: [held('1', 'valid'), held('2', 'surrendered')] } }
      if (path === '/cases' && a.method === 'POST') return { body: { id: 'k1' } }
      if (path === '/parties/p1/dues')
        return {
          body: {
            items: [
              due('延续', { certificate: '1', round: 'r1' }),
              due('更正的报告', { case: 'k2', stage: '更正', waits: true, submitted: true }),
              due('明年的报告', { limit: { late: false, text: '2027年放假安排尚未公布', unknown: '2027年放假安排尚未公布', unit: '日' }, nominal: '2027-03-31' }),
            ],
          },
        }
      return undefined
    })
    page = (await openRoom(firmRoutes, 'firm', '可以享受')).page
    const section = page.find('section[aria-labelledby=held]')
    expect(section.text()).toMatch(/许可1\s*有效.*证1 · 有效期至2027年2月19日.*延续.*2026年12月21日前（还剩23日）.*届满日的60日前，某办法第一条/s)
    expect(section.text()).not.toContain('许可2')
    expect(section.text()).toMatch(/大约2027年3月31日前.*2027年放假安排尚未公布.*召集以后/s)
    const mend = section.findAll('a').find((x) => x.text().startsWith('去更正'))!
    expect(mend.attributes('href')).toBe('/somewhere/firm/p1/cases/k2')
    await section.findAll('button').find((b) => b.text().startsWith('去办理'))!.trigger('click')
    await flushPromises()
    expect(asked.find((a) => a.method === 'POST' && a.url.endsWith('/cases'))!.body).toEqual({ round: 'r1', scheme: 'd/a', certificate: '1' })
  })

  it('shows a fault with a way to try again', async () => {
    let broken = true
    await county([{ role: 'firm', party: 'p1' }], (_, path) => {
      if (path === '/certificates' || path === '/parties/p1/dues') return { body: { items: [] } }
      if (path === '/parties/p1') return { body: party }
      if (path === '/vocabulary') return { body: vocabulary }
      return broken ? { status: 503, body: { code: 'unavailable', message: '系统暂时不可用' } } : { body: answers }
    })
    page = (await openRoom(firmRoutes, 'firm', '系统暂时不可用')).page
    broken = false
    await button(page, '重试').trigger('click')
    await flushPromises()
    expect(page.text()).toContain('可以享受')
  })

  it('leads an account without a firm to what needs none', async () => {
    await county([{ role: 'officer' }], () => undefined)
    page = (await openRoom(firmRoutes, 'firm', '没有绑定企业')).page
    expect(page.find('a[href="/somewhere/calculator"]').exists()).toBe(true)
  })
})

describe('an account of several firms', () => {
  const second = { ...party, id: 'p2', name: '某某轴承有限公司' }

  async function several(): Promise<Asked[]> {
    return county([{ role: 'firm', party: 'p1' }, { role: 'firm', party: 'p2' }], (_, path) => {
      if (path === '/firms') return { body: { items: [party, second] } }
      if (path === '/parties/p1') return { body: party }
      if (path === '/parties/p2') return { body: second }
      if (path === '/vocabulary') return { body: vocabulary }
      if (path.endsWith('/answers')) return { body: { ...answers, party: path.split('/')[2] } }
      if (path === '/disputes') return { body: { items: [] } }
      return path.endsWith('/facts') ? { body: { items: [] } } : undefined
    })
  }

  // Mutation: ask for the first firm whatever the address says → red.
  it('names each firm, keeps the page, and asks only for the one in the address', async () => {
    const asked = await several()
    const opened = await openRoom(firmRoutes, 'firm/p1/facts', '切换企业（共 2 家）')
    page = opened.page
    const links = page.findAll('details.switch a')
    expect(links.map((a) => [a.text().replace(/\s+/g, ''), a.attributes('href'), a.attributes('aria-current')])).toEqual([
      ['某某电器有限公司无代码，甲镇', '/somewhere/firm/p1/facts', 'page'],
      ['某某轴承有限公司无代码，甲镇', '/somewhere/firm/p2/facts', undefined],
    ])
    asked.length = 0
    await links[1]!.trigger('click')
    await flushPromises()
    expect(opened.router.currentRoute.value.path).toBe('/somewhere/firm/p2/facts')
    expect(page.find('h1').text()).toBe('某某轴承有限公司')
    expect(asked.some((a) => a.url.includes('/parties/p1'))).toBe(false)
  })

  // Mutation: leave beforeEnter out, or forget which firm was looked at → red.
  it('leads an address without a firm to the one looked at last, else to the first', async () => {
    await several()
    const opened = await openRoom(firmRoutes, 'firm/p2', '某某轴承有限公司')
    page = opened.page
    await opened.router.push('/somewhere/firm/schemes/d/a?lang=en#x')
    expect(opened.router.currentRoute.value.fullPath).toBe('/somewhere/firm/p2/schemes/d/a?lang=en#x')
    page.unmount()
    await county([{ role: 'firm', party: 'p1' }], (_, path) => ({ '/parties/p1': { body: party }, '/vocabulary': { body: vocabulary }, '/parties/p1/answers': { body: answers } })[path])
    const one = await openRoom(firmRoutes, 'firm', '可以享受')
    page = one.page
    expect(one.router.currentRoute.value.path).toBe('/somewhere/firm/p1')
    expect(page.find('details.switch').exists()).toBe(false)
  })

  it('shows nothing of a firm that the account does not speak for, and asks nothing', async () => {
    const asked = await several()
    page = (await openRoom(firmRoutes, 'firm/p3', '没有绑定这家企业')).page
    expect(asked.some((a) => a.url.includes('p3'))).toBe(false)
    expect(page.find('a[href="/somewhere/firm/p1"]').exists()).toBe(true)
  })
})

describe('a firm’s facts', () => {
  const verified = fact({ id: 'v', period: '2025', value: '99900000元' })
  const declared = fact({ id: 'd', period: '2024', value: '90000000元', source: '企业申报', verified: false })

  async function openFact(year: string): Promise<void> {
    page = (await openRoom(firmRoutes, 'firm/facts', '各年数据')).page
    await page.find(`td[data-year="${year}"] button`).trigger('click')
  }

  // Leave out which fact is replaced → red.
  it('corrects what it declared itself, naming the fact it replaces, and shows what changed', async () => {
    const asked = await firm([verified, declared], () => ({ body: { fact: declared, answers_changed: [changed] } }))
    await openFact('2024')
    await button(page!, '更正').trigger('click')
    expect(page!.find<HTMLInputElement>('form input[inputmode=decimal]').element.value).toBe('9000')
    await page!.find('form input[inputmode=decimal]').setValue('9100')
    await page!.find('form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/parties/p1/facts') && a.method === 'POST')?.body).toEqual({
      term: '营业收入', year: 2024, value: '9100万元', evidence: '', replaces: 'd',
    })
    expect(page!.find('.changes').text()).toContain('某奖励')
  })

  it('disputes what a department verified, and cannot correct it', async () => {
    const asked = await firm([verified, declared], () => ({ body: { id: 'x', state: 'open' } }))
    await openFact('2025')
    expect(page!.text()).toContain('处理意见：与年报一致')
    expect(page!.findAll('button').some((b) => b.text() === '更正')).toBe(false)
    await button(page!, '提出异议').trigger('click')
    await page!.find('form').trigger('submit')
    expect(asked.some((a) => a.url.endsWith('/dispute'))).toBe(false)
    expect(page!.find('textarea').attributes('aria-invalid')).toBe('true')
    await page!.find('textarea').setValue('年报应为10000万元')
    await page!.find('form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/facts/v/dispute'))?.body).toEqual({ reason: '年报应为10000万元' })
    expect(page!.text()).toContain('异议已提交')
  })

  it('still corrects what it declared once a department has verified it, and cannot dispute its own words', async () => {
    await firm([fact({ id: 'd', period: '2024', source: '企业申报', verified: true })], () => ({}))
    await openFact('2024')
    const labels = page!.findAll('.detail button').map((b) => b.text())
    expect(labels).toContain('更正')
    expect(labels).not.toContain('提出异议')
  })

  // Ignore the details of a fault → red.
  it('puts what the server refused at its field', async () => {
    await firm([declared], () => ({ status: 422, body: { code: 'invalid', message: '请更正标出的内容', details: [{ field: 'value', message: '营业收入：不得为负' }] } }))
    await openFact('2024')
    await button(page!, '更正').trigger('click')
    await page!.find('form input[inputmode=decimal]').setValue('-1')
    await page!.find('form').trigger('submit')
    await flushPromises()
    const input = page!.find('form input[inputmode=decimal]')
    expect(input.attributes('aria-invalid')).toBe('true')
    expect(page!.find(`#${CSS.escape(input.attributes('aria-describedby')!)}`).text()).toContain('不得为负')
  })

  it('withdraws only after being asked', async () => {
    const asked = await firm([declared], () => ({ body: { fact: declared, answers_changed: [] } }))
    await openFact('2024')
    await button(page!, '撤回').trigger('click')
    expect(asked.some((a) => a.method === 'POST' && a.url.includes('/facts'))).toBe(false)
    await button(page!, '确定撤回').trigger('click')
    await flushPromises()
    expect(asked.find((a) => a.method === 'POST' && a.url.includes('/facts'))?.body).toMatchObject({ replaces: 'd', withdraw: true, year: 2024 })
  })
})
