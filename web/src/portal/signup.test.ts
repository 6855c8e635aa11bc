import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { session } from '@/session'
import { about, openPage } from '@/test/page'
import { serve, type Asked } from '@/test/server'
import SignIn from './SignIn.vue'
import SignUp from './SignUp.vue'

let page: VueWrapper | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

function county(closed: boolean, post: () => { status?: number; body?: unknown }): Asked[] {
  return serve((a) => {
    if (a.url.endsWith('/about')) return { body: about }
    if (a.method === 'POST') return post()
    return a.url.endsWith('/sign-up') ? { body: { closed } } : { body: { csrf: '', tenants: [] } }
  })
}

async function fill(p: VueWrapper, values: Record<string, string>): Promise<void> {
  for (const [id, value] of Object.entries(values)) await p.find(`#${id}`).setValue(value)
  await p.find('form').trigger('submit')
  await flushPromises()
}

describe('signing up', () => {
  it('checks what it can, sends once, and leads to claiming a firm', async () => {
    const asked = county(false, () => ({ status: 201, body: { actor: { login: 'wang', name: '王芳', grants: [] }, csrf: 'c', tenants: ['somewhere'], must_change: false } }))
    const opened = await openPage(SignUp, 'sign-up', 'sign-up')
    page = opened.page
    await fill(page, { login: 'wang', name: '', password: 'Correct horse 9', again: 'Correct horse 8' })
    expect(page.text()).toContain('请填写姓名')
    expect(page.text()).toContain('两次输入的新密码不一样')
    expect(asked.some((a) => a.method === 'POST')).toBe(false)
    await fill(page, { name: '王芳', again: 'Correct horse 9' })
    expect(asked.filter((a) => a.method === 'POST').map((a) => [a.url, a.body])).toEqual([['/api/somewhere/sign-up', { login: 'wang', name: '王芳', password: 'Correct horse 9' }]])
    expect(session.actor?.login).toBe('wang')
    expect(opened.router.currentRoute.value.path).toBe('/somewhere/claim')
  })

  // Drop the details of a fault → red.
  it('says at its field that a login is taken', async () => {
    county(false, () => ({ status: 409, body: { code: 'conflict', message: '登录名已被使用。', details: [{ field: 'login', message: '请换一个登录名。' }] } }))
    page = (await openPage(SignUp, 'sign-up', 'sign-up')).page
    await fill(page, { login: 'wang', name: '王芳', password: 'Correct horse 9', again: 'Correct horse 9' })
    expect(page.find('#login').attributes('aria-invalid')).toBe('true')
    expect(page.find('#login-said').text()).toBe('请换一个登录名。')
    expect(page.find('[role=alert]').text()).toContain('登录名已被使用')
  })

  it('is not offered where it is closed', async () => {
    county(true, () => ({}))
    page = (await openPage(SignUp, 'sign-up', 'sign-up')).page
    expect(page.text()).toContain('暂不开放自行注册')
    expect(page.find('form').exists()).toBe(false)
    page.unmount()
    page = (await openPage(SignIn, 'sign-in', 'sign-in')).page
    expect(page.find('a').exists()).toBe(false)
    page.unmount()
    county(false, () => ({}))
    page = (await openPage(SignIn, 'sign-in', 'sign-in')).page
    expect(page.find('a[href="/somewhere/sign-up"]').exists()).toBe(true)
  })
})
