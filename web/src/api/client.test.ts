import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { serve } from '@/test/server'
import { del, fileAt, get, post, postForFile, setCsrf, urlOf, whenUnauthenticated } from './client'
import { asFault, Fault, faultOf } from './fault'
import { useLoad } from './load'

afterEach(() => {
  vi.unstubAllGlobals()
  setCsrf('')
  whenUnauthenticated(() => {})
})

describe('addresses', () => {
  it('encode every value as one segment and leave out what is empty', () => {
    expect(urlOf('/api/{tenant}/schemes', { path: { tenant: 'a/b ?' }, query: { q: '技 改', page: 2, on: '', kind: undefined } })).toBe(
      '/api/a%2Fb%20%3F/schemes?q=%E6%8A%80+%E6%94%B9&page=2',
    )
  })

  it('refuse a missing value rather than ask for another resource', () => {
    expect(() => urlOf('/api/{tenant}/x', { path: { tenant: '' } })).toThrow(Fault)
  })
})

describe('calls', () => {
  it('carry the token when something changes, and only then', async () => {
    const asked = serve(() => ({ body: {} }))
    setCsrf('secret')
    await get('/api/session')
    await post('/api/session', { body: { login: 'x', password: 'y' } })
    await del('/api/session')
    expect(asked.map((a) => a.headers['X-CSRF-Token'])).toEqual([undefined, 'secret', 'secret'])
    expect(asked[1]!.body).toEqual({ login: 'x', password: 'y' })
  })

  it('hand on what the server says is wrong', async () => {
    serve(() => ({ status: 422, body: { code: 'invalid', message: '日期不正确', details: [{ field: 'on', message: '应写作 2026-04-01' }] } }))
    await expect(get('/api/session')).rejects.toMatchObject({
      code: 'invalid',
      message: '日期不正确',
      status: 422,
      details: [{ field: 'on', message: '应写作 2026-04-01' }],
      retryable: false,
    })
  })

  // Name a field that is none of the form's, or one that nothing is wrong with → red.
  it('say what is wrong at each field that a form has', () => {
    const wrong = faultOf(422, { details: [{ field: 'on', message: '应写作 2026-04-01' }, { field: 'on', message: '太早' }, { field: 'elsewhere', message: '没有' }] })
    expect(wrong.at('on')).toBe('应写作 2026-04-01')
    expect(wrong.at('name')).toBe('')
    expect(wrong.among(['name', 'on'])).toEqual({ on: '应写作 2026-04-01' })
  })

  it('have words of their own for an answer that is not ours', () => {
    expect(faultOf(502, '<html>')).toMatchObject({ code: 'internal', message: '系统出了问题，请稍后再试。' })
    expect(faultOf(404, null)).toMatchObject({ code: 'not_found' })
    expect(faultOf(429, {})).toMatchObject({ code: 'too_many', retryable: true })
  })

  it('tell that the network is away', async () => {
    serve(() => new TypeError('fetch failed'))
    await expect(get('/api/session')).rejects.toMatchObject({ code: 'network', retryable: true })
    expect(asFault('anything').message).toContain('网络')
  })

  it('notice it for a file too, and hand on why there is none', async () => {
    let told = 0
    whenUnauthenticated(() => told++)
    serve(() => ({ status: 401, body: { code: 'unauthenticated', message: '请先登录。' } }))
    await expect(fileAt('/api/cixi/cases.xlsx')).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(postForFile('/api/{tenant}/treasury/batches/{id}/bank-file', { path: { tenant: 'cixi', id: 'b' } })).rejects.toThrow('请先登录')
    expect(told).toBe(2)
  })

  it('notice that the session has ended', async () => {
    const ended = vi.fn()
    whenUnauthenticated(ended)
    serve(() => ({ status: 401, body: { code: 'unauthenticated', message: '请先登录。' } }))
    await expect(get('/api/session')).rejects.toBeInstanceOf(Fault)
    expect(ended).toHaveBeenCalledOnce()
  })
})

describe('useLoad', () => {
  // Mutation: take every answer, not only the newest question's → the last expectation is red.
  it('shows the old answer while busy, and only ever the newest question’s answer', async () => {
    const waiting: ((v: string) => void)[] = []
    const scope = effectScope()
    const load = scope.run(() => useLoad(() => new Promise<string>((resolve) => waiting.push(resolve))))!
    const first = load.reload()
    waiting[0]!('one')
    await first
    expect(load.data.value).toBe('one')
    const second = load.reload()
    const third = load.reload()
    expect([load.data.value, load.busy.value]).toEqual(['one', true])
    waiting[2]!('three')
    await third
    waiting[1]!('two')
    await second
    expect([load.data.value, load.busy.value]).toEqual(['three', false])
    scope.stop()
  })

  it('keeps the old answer beside a fault', async () => {
    const scope = effectScope()
    let fail = false
    const load = scope.run(() => useLoad(() => (fail ? Promise.reject(new Fault('internal', '坏了')) : Promise.resolve(1))))!
    await load.reload()
    fail = true
    await load.reload()
    expect(load.data.value).toBe(1)
    expect(load.fault.value?.message).toBe('坏了')
    fail = false
    await load.reload()
    expect(load.fault.value).toBeUndefined()
    scope.stop()
  })
})
