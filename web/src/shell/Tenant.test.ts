import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { locale, setLocale } from '@/i18n'
import { signIn, signOut } from '@/session'
import { enterTenant } from '@/tenant'
import { about } from '@/test/page'
import { serve } from '@/test/server'
import Tenant from './Tenant.vue'

let shell: VueWrapper
let router: Router

async function open(tenant: string, path = ''): Promise<void> {
  await enterTenant(tenant)
  const page = { template: '<div class="page"><h1>正文</h1></div>' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      {
        path: '/:tenant',
        component: Tenant,
        children: [
          { path: '', component: page },
          { path: ':rest(.*)*', component: page },
        ],
      },
    ],
  })
  await router.push(`/${tenant}/${path}`)
  shell = mount({ template: '<RouterView />' }, { global: { plugins: [router] }, attachTo: document.body })
  await flushPromises()
}

afterEach(() => {
  shell.unmount()
  setLocale('zh')
  localStorage.clear()
  vi.unstubAllGlobals()
})

const links = (): string[] => shell.findAll('nav a').map((a) => a.text())

describe('the shell', () => {
  it('has landmarks, a way past them, and says which page this is', async () => {
    serve(() => ({ body: about }))
    await open('somewhere', 'schemes/a/b')
    expect(shell.find('a').text()).toBe('跳到正文')
    await shell.find('a').trigger('click')
    expect(document.activeElement?.tagName).toBe('MAIN')
    expect(shell.find('nav').attributes('aria-label')).toBe('主导航')
    expect(shell.find('[aria-current=page]').text()).toBe('找政策')
    expect(shell.text()).toContain('演示数据')
  })

  it('moves the focus to the new page', async () => {
    serve(() => ({ body: about }))
    await open('somewhere')
    shell.find<HTMLElement>('nav a').element.focus()
    await router.push('/somewhere/calculator')
    await flushPromises()
    expect(document.activeElement?.tagName).toBe('MAIN')
  })

  it('shows each role its own pages', async () => {
    const session = { actor: { login: 'x', name: '李', grants: [{ role: 'officer' }] }, csrf: 'c', tenants: ['somewhere'] }
    serve((a) => ({ body: a.url.endsWith('/about') ? about : a.method === 'POST' ? session : undefined }))
    await open('somewhere')
    expect(links()).toEqual(['首页', '找政策', '算一算', '申报与公示'])
    await signIn('somewhere', 'x', 'y')
    await flushPromises()
    expect(links()).toEqual(['首页', '找政策', '算一算', '申报与公示', '工作台'])
    await signOut()
    await flushPromises()
    expect(links()).toEqual(['首页', '找政策', '算一算', '申报与公示'])
  })

  it('keeps the language in the address', async () => {
    serve(() => ({ body: about }))
    await open('somewhere')
    await shell.findAll('button').find((b) => b.text() === 'English')!.trigger('click')
    await flushPromises()
    expect([locale.value, router.currentRoute.value.query.lang]).toEqual(['en', 'en'])
    expect(links()[2]).toBe('Calculator')
    await shell.findAll('button').find((b) => b.text() === '中文')!.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query.lang).toBeUndefined()
  })

  it('says that there is no such place', async () => {
    serve(() => ({ status: 404, body: { code: 'not_found', message: '没有这个地区。' } }))
    await open('atlantis')
    expect(shell.find('main [role=alert]').text()).toContain('没有这个地区。')
    expect(shell.find('h1').exists()).toBe(false)
  })
})
