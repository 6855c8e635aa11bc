import { afterEach, describe, expect, it, vi } from 'vitest'
import { get, post } from './api/client'
import { afterSignIn, atDesk, changePassword, loadSession, ownParty, session, signIn, signOut } from './session'
import { serve } from './test/server'

afterEach(() => vi.unstubAllGlobals())

const officer = { actor: { login: 'li', name: '李', grants: [{ role: 'officer' }] }, csrf: 'c1', tenants: ['a'] }
const firm = { actor: { login: 'f', name: '某厂', grants: [{ role: 'firm', party: 'p1' }] }, csrf: 'c2', tenants: ['a'], must_change: true }

describe('the session', () => {
  it('asks once who we are; nobody is an answer', async () => {
    const asked = serve(() => ({ body: { csrf: '', tenants: [], must_change: false } }))
    await Promise.all([loadSession(), loadSession()])
    await loadSession()
    expect(asked).toHaveLength(1)
    expect([session.known, session.actor]).toEqual([true, null])
  })

  it('knows who signed in and sends the token from then on', async () => {
    const asked = serve((a) => ({ body: a.method === 'DELETE' ? undefined : officer }))
    await signIn('a', 'li', 'secret')
    expect(asked[0]).toMatchObject({ url: '/api/session', body: { tenant: 'a', login: 'li', password: 'secret' } })
    expect([session.actor?.name, atDesk(), ownParty()]).toEqual(['李', true, ''])
    await signOut()
    expect(asked[1]!.headers['X-CSRF-Token']).toBe('c1')
    expect([session.actor, atDesk()]).toEqual([null, false])
    await post('/api/{tenant}/calculator', { path: { tenant: 'a' } })
    expect(asked[2]!.headers['X-CSRF-Token']).toBeUndefined()
  })

  it('ends when the server says so', async () => {
    serve(() => ({ body: officer }))
    await signIn('a', 'li', 'secret')
    serve(() => ({ status: 401, body: { code: 'unauthenticated', message: '请先登录。' } }))
    await expect(get('/api/{tenant}/parties', { path: { tenant: 'a' } })).rejects.toThrow('请先登录。')
    // What is on the page stays; signing in again, or leaving, ends that.
    expect([session.ended, session.actor?.login]).toEqual([true, 'li'])
    serve(() => ({ body: officer }))
    await signIn('a', 'li', 'secret')
    expect([session.ended, session.actor?.login]).toEqual([false, 'li'])
    serve(() => ({ status: 401, body: { code: 'unauthenticated', message: '请先登录。' } }))
    await signOut()
    expect([session.ended, session.actor]).toEqual([false, null])
  })

  // Mutation: take a 404 for what it says → red.
  it('asks, when something is not there, whether it has ended', async () => {
    serve(() => ({ body: officer }))
    await signIn('a', 'li', 'secret')
    const gone = { status: 404, body: { code: 'not_found', message: '没有这件申报。' } }
    serve((a) => (a.url === '/api/session' ? { body: officer } : gone))
    await expect(get('/api/{tenant}/parties', { path: { tenant: 'a' } })).rejects.toThrow('没有这件申报。')
    expect(session.ended).toBe(false)
    serve((a) => (a.url === '/api/session' ? { body: { csrf: '', tenants: [] } } : gone))
    await expect(get('/api/{tenant}/parties', { path: { tenant: 'a' } })).rejects.toThrow('请先登录。')
    expect(session.ended).toBe(true)
  })

  it('knows that a password is to be changed, and when it has been', async () => {
    serve((a) => ({ body: a.method === 'PUT' ? { ...firm, must_change: false } : firm }))
    await signIn('a', 'f', 'given')
    expect([session.mustChange, ownParty()]).toEqual([true, 'p1'])
    await changePassword('given', 'own')
    expect(session.mustChange).toBe(false)
  })
})

describe('where to go after signing in', () => {
  // Mutation: follow any address that was asked for → red.
  it('is never another site or another tenant', async () => {
    serve(() => ({ body: officer }))
    await signIn('a', 'li', 'secret')
    for (const bad of ['https://elsewhere', '//elsewhere', '/b/desk', 'javascript:alert(1)', undefined, ['/a/x']])
      expect(afterSignIn(bad, '/a/')).toBe('/a/desk')
    expect(afterSignIn('/a/desk/firms/1', '/a/')).toBe('/a/desk/firms/1')
  })

  it('is the desk for whoever decides or pays', async () => {
    for (const role of ['leader', 'finance', 'auditor', 'administrator']) {
      serve(() => ({ body: { ...officer, actor: { ...officer.actor, grants: [{ role }] } } }))
      await signIn('a', 'li', 'x')
      expect([role, afterSignIn(undefined, '/a/')]).toEqual([role, '/a/desk'])
    }
  })

  it('is the firm’s own page for a firm', async () => {
    serve(() => ({ body: firm }))
    await signIn('a', 'f', 'x')
    expect(afterSignIn(undefined, '/a/')).toBe('/a/firm')
  })
})
