import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Grant } from '@/api/types'
import type { Claim, FirmPeople } from '@/record/claim'
import { session } from '@/session'
import { party, vocabulary } from '@/test/record'
import { button, county, openRoom } from '@/test/rooms'
import { serve } from '@/test/server'
import { about } from '@/test/page'
import { firmRoutes } from './routes'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

const code = '91330282DEM000AA10'
const pdf = (name: string, size = 10): File => Object.defineProperty(new File(['x'], name), 'size', { value: size })

function claim(c: Partial<Claim> = {}): Claim {
  return {
    id: 'c1', code, name: '某某电器有限公司', known: true, guarded: false, claimant: '王芳', login: 'wang', capacity: '经办人', statement: '本企业员工', evidence: [],
    state: 'open', opened_at: '2026-11-20T02:00:00.000000Z', waiting: 3, mine: false, ...c,
  }
}

async function choose(p: VueWrapper, files: File[]): Promise<void> {
  const input = p.find<HTMLInputElement>('input[type=file]')
  Object.defineProperty(input.element, 'files', { value: files, configurable: true })
  await input.trigger('change')
}

describe('a claim', () => {
  it('shows a firm’s name once its code is whole, and asks for name and town only where there is no such firm', async () => {
    const asked = await county([], (_, path) => {
      if (path === '/claims/mine') return { body: { claims: [], firms: [] } }
      if (path === `/firm-names/${code}`) return { body: { code, known: true, name: '某某电器有限公司' } }
      if (path.startsWith('/firm-names/')) return { body: { code: 'x', known: false } }
      return undefined
    })
    page = (await openRoom(firmRoutes, 'claim', '申请认领一家企业')).page
    const input = page.find('input.num')
    await input.setValue('91330282')
    expect(asked.some((a) => a.url.includes('/firm-names/'))).toBe(false)
    await input.setValue(' 91330282dem000aa10 ')
    await flushPromises()
    expect(page.text()).toContain('企业名称：某某电器有限公司')
    expect(page.find('select').exists()).toBe(false)
    await input.setValue('91330282DEM000ZZ10')
    await flushPromises()
    expect(page.text()).toContain('名录里还没有这家企业')
    expect(page.findAll('select option').map((o) => o.text())).toEqual(['请选择', '甲镇', '乙镇'])
  })

  // Send without checking; leave out a field of the form → red.
  it('says at each field what is missing, then sends all of it with its files, once', async () => {
    let made = 0
    let hold: (() => void) | undefined
    const claims: Claim[] = []
    await county([], () => undefined)
    const asked = serve((a) => {
      if (a.url.endsWith('/claims/mine')) return { body: { claims, firms: [] } }
      if (a.url.includes('/firm-names/')) return { body: { code, known: true, name: '某某电器有限公司' } }
      if (a.method === 'POST' && a.url.endsWith('/claims')) {
        made++
        return new Promise((resolve) => {
          hold = () => {
            claims.push(claim({ waiting: 0 }))
            resolve({ status: 201, body: claim() })
          }
        })
      }
      return { body: about }
    })
    page = (await openRoom(firmRoutes, 'claim', '申请认领一家企业')).page
    await page.find('form').trigger('submit')
    for (const text of ['请填写18位统一社会信用代码', '请选择您的身份', '请写明情况', '请上传证明文件']) expect(page.text()).toContain(text)
    expect(made).toBe(0)
    await page.find('input.num').setValue(code)
    await flushPromises()
    await page.find('input[value=经办人]').setValue(true)
    await page.find('textarea').setValue('本企业员工')
    expect(page.text()).not.toContain('请选择您的身份')
    await choose(page, [pdf('大.pdf', 11 << 20)])
    expect(page.text()).toContain('每个文件不超过 10MB')
    await button(page, '移除 大.pdf').trigger('click')
    await choose(page, [pdf('营业执照.pdf'), pdf('授权书.pdf')])
    await page.find('form').trigger('submit')
    await page.find('form').trigger('submit')
    expect(made).toBe(1)
    const body = asked.find((a) => a.method === 'POST')!.body as FormData
    expect([body.get('code'), body.get('capacity'), body.get('statement'), body.getAll('file').length]).toEqual([code, '经办人', '本企业员工', 2])
    hold!()
    await vi.waitFor(() => expect(page!.text()).toContain('申请已提交'))
    expect(page.text()).toContain('今天已提交，正在等待审核')
    expect(page.find('details').attributes('open')).toBeUndefined()
  })

  it('puts what the server refused at its field', async () => {
    await county([], (_, path) => {
      if (path === '/claims/mine') return { body: { claims: [], firms: [] } }
      if (path.startsWith('/firm-names/')) return { status: 422, body: { code: 'invalid', message: '统一社会信用代码校验位不符', details: [{ field: 'code', message: 'x' }] } }
      return undefined
    })
    page = (await openRoom(firmRoutes, 'claim', '申请认领一家企业')).page
    await page.find('input.num').setValue(code)
    await flushPromises()
    expect(page.find('input.num').attributes('aria-invalid')).toBe('true')
    expect(page.text()).toContain('校验位不符')
  })

  it('says in plain words how each stands, and why one ended', async () => {
    await county([{ role: 'firm', party: 'p1' }], (_, path) =>
      path === '/claims/mine'
        ? {
            body: {
              claims: [claim(), claim({ id: 'c2', state: 'refused', reason: '材料看不清。' }), claim({ id: 'c3', state: 'approved', party: 'p1' }), claim({ id: 'c4', state: 'approved', party: 'p9' })],
              firms: [
                { party: 'p1', name: '某某电器有限公司', code, capacity: '法定代表人', principal: true, since: '2026-11-20T02:00:00.000000Z' },
                { party: 'p9', name: '旧企业', code, principal: false, ended_at: '2026-11-21T02:00:00.000000Z', reason: '已离职' },
                { party: 'p9', name: '旧企业', code, principal: false, ended_at: '2026-10-21T02:00:00.000000Z', reason: '早先' },
              ],
            },
          }
        : undefined,
    )
    page = (await openRoom(firmRoutes, 'claim', '我的申请')).page
    expect(page.text()).toContain('已提交 3 天，正在等待审核')
    expect(page.text()).toContain('理由：材料看不清。补齐以后可以再次提交。')
    expect(page.text()).toContain('审核已通过，您现在可以代表这家企业')
    expect(page.text()).toContain('您现在不再代表这家企业')
    expect(page.text()).toContain('2026-11-21 起不再代表这家企业，理由：已离职')
    expect(page.text()).not.toContain('早先')
    expect(page.find('a[href="/somewhere/firm/p1"]').exists()).toBe(true)
  })

  // Keep the session that the page began with → red.
  it('opens the firm without signing in anew once it was approved', async () => {
    let grants: Grant[] = []
    await county([], () => undefined)
    serve((a) => {
      if (a.url === '/api/session') return { body: { actor: { login: 'who', name: '某人', grants }, csrf: 'c', tenants: ['somewhere'] } }
      if (a.url.endsWith('/claims/mine'))
        return { body: { claims: [claim({ state: 'approved', party: 'p7' })], firms: [{ party: 'p7', name: '某某电器有限公司', code, capacity: '经办人', principal: false }] } }
      return { body: about }
    })
    grants = [{ role: 'firm', party: 'p7' }]
    page = (await openRoom(firmRoutes, 'claim', '审核已通过')).page
    expect(session.actor?.grants).toEqual(grants)
  })

  it('is withdrawn only after being asked', async () => {
    const asked = await county([], (a, path) => {
      if (path === '/claims/mine') return { body: { claims: [claim()], firms: [] } }
      return a.method === 'POST' ? { body: claim({ state: 'withdrawn' }) } : undefined
    })
    page = (await openRoom(firmRoutes, 'claim', '我的申请')).page
    await button(page, '撤回申请').trigger('click')
    expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/withdraw'))).toBe(false)
    await button(page, '确定撤回').trigger('click')
    await flushPromises()
    expect(asked.some((a) => a.url.endsWith('/claims/c1/withdraw'))).toBe(true)
  })
})

describe('the people of a firm', () => {
  const people = (p: Partial<FirmPeople> = {}): FirmPeople => ({
    people: [
      { account: 'a1', name: '王芳', login: 'wang', capacity: '法定代表人', principal: true, since: '2026-11-20T02:00:00.000000Z', speaks: true, self: true },
      { account: 'a2', name: '李雷', login: 'li', capacity: '经办人', principal: false, speaks: true, self: false },
      { account: 'a3', name: '代理', login: 'dai', capacity: '代理机构', principal: false, speaks: true, self: false },
    ],
    claims: [], invitations: [], principal: true, officer: false, ...p,
  })

  async function open(now: () => FirmPeople) {
    const asked = await county([{ role: 'firm', party: 'p1' }], (a, path) => {
      if (path === '/parties/p1') return { body: party }
      if (path === '/vocabulary') return { body: vocabulary }
      if (path === '/parties/p1/people') return { body: now() }
      if (path === '/claims/c1') return { body: claim({ mine: true, evidence: [{ id: 'f1', name: '授权书.pdf', type: 'PDF', size: 2048, sha256: '', pinned: true, created_at: '' }] }) }
      if (path === '/claims/c1/decide') return { body: claim({ state: 'refused' }) }
      if (path === '/parties/p1/invitations') return { status: 201, body: { id: 'i1', name: '韩梅梅', capacity: '经办人', until: '2026-12-01T02:00:00.000000Z', made_at: '', code: 'abcd-efgh-jkmn-pqrs' } }
      return a.method === 'POST' ? { body: now() } : undefined
    })
    page = (await openRoom(firmRoutes, 'firm/p1/people', '王芳')).page
    return asked
  }

  // Send away on the first click, or without a reason; offer an agent as principal → red.
  it('are sent away with a reason only, and an agent is never offered as principal', async () => {
    const asked = await open(() => people())
    expect(page!.findAll('button').filter((b) => b.text() === '设为负责人')).toHaveLength(1)
    expect(page!.text()).toContain('您是负责人。要退出，请先把负责人移交给他人。')
    await button(page!, '解除').trigger('click')
    await page!.find('li form').trigger('submit')
    expect(page!.text()).toContain('请写明理由')
    await page!.find('li form input').setValue('已离职')
    await page!.find('li form').trigger('submit')
    await flushPromises()
    expect(asked.filter((a) => a.method === 'POST' && a.url.includes('/people/')).map((a) => [a.url, a.body])).toEqual([
      ['/api/somewhere/parties/p1/people/a2/dismiss', { reason: '已离职' }],
    ])
  })

  it('decide a claim with its evidence beside it; a refusal needs a reason', async () => {
    const asked = await open(() => people({ claims: [claim()] }))
    expect(page!.find('article').text()).toMatch(/王芳.*wang，经办人.*本企业员工.*授权书.pdf.*PDF 2 KB/s)
    await button(page!, '不通过').trigger('click')
    await page!.find('article form').trigger('submit')
    expect(page!.find('article').text()).toContain('请写明理由')
    await page!.find('article textarea').setValue('不是本企业员工')
    await page!.find('article form').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/decide'))?.body).toEqual({ approve: false, reason: '不是本企业员工' })
    expect(page!.text()).toContain('已办结：王芳，没有通过。')
  })

  it('show an invitation’s code once, and offer nothing of this to who is no principal', async () => {
    await open(() => people())
    await page!.find('form.row input').setValue('韩梅梅')
    await page!.find('form.row').trigger('submit')
    await flushPromises()
    expect(page!.find('code').text()).toBe('abcd-efgh-jkmn-pqrs')
    page!.unmount()
    await open(() => people({ principal: false, people: people().people.map((p) => ({ ...p, self: p.account === 'a2' })) }))
    const labels = page!.findAll('button').map((b) => b.text())
    expect(labels).toContain('退出企业')
    expect(labels).not.toContain('解除')
    expect(page!.text()).not.toContain('邀请人员')
  })
})

describe('somebody who was sent away', () => {
  it('is told so instead of a page that fails', async () => {
    await county([{ role: 'firm', party: 'p1' }], () => undefined)
    serve((a) => {
      if (a.url === '/api/session') return { body: { actor: { login: 'who', name: '某人', grants: [] }, csrf: 'c', tenants: ['somewhere'] } }
      return { status: 404, body: { code: 'not_found', message: '没有这个主体' } }
    })
    page = (await openRoom(firmRoutes, 'firm/p1', '没有绑定企业')).page
    expect(page.find('a[href="/somewhere/claim"]').exists()).toBe(true)
  })
})
