import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createMemoryHistory, createRouter, type Router, type RouteRecordRaw } from 'vue-router'
import { vi } from 'vitest'
import type { Grant } from '@/api/types'
import { signIn } from '@/session'
import { enterTenant } from '@/tenant'
import { about } from './page'
import { serve, type Asked } from './server'

type Answer = { status?: number; body?: unknown } | undefined

/** county serves a tenant where somebody with these grants is signed in; answer is asked for everything else. */
export async function county(grants: Grant[], answer: (asked: Asked, path: string, query: URLSearchParams) => Answer): Promise<Asked[]> {
  const asked = serve((a) => {
    const url = new URL(a.url, 'http://x')
    if (url.pathname === '/api/session') return { body: { actor: { login: 'who', name: '某人', grants }, csrf: 'c', tenants: ['somewhere'] } }
    if (url.pathname.endsWith('/about')) return { body: { ...about, towns: ['甲镇', '乙镇'] } }
    return answer(a, decodeURIComponent(url.pathname).replace('/api/somewhere', ''), url.searchParams) ?? { status: 404, body: { code: 'not_found', message: '没有' } }
  })
  await signIn('somewhere', 'who', 'secret')
  await enterTenant('somewhere')
  return asked
}

/** openRoom mounts a room's own routes at an address below the tenant's, and waits for its page to have loaded. */
export async function openRoom(routes: RouteRecordRaw[], address: string, shown: string): Promise<{ page: VueWrapper; router: Router }> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/:tenant', component: { template: '<RouterView />' }, children: routes },
      { path: '/:rest(.*)*', component: { template: '<i/>' } },
    ],
  })
  await router.push('/somewhere/' + address)
  const page = mount({ template: '<RouterView />' }, { global: { plugins: [router] }, attachTo: document.body })
  await vi.waitFor(
    async () => {
      await flushPromises()
      if (!page.text().includes(shown)) throw new Error(`not shown: ${shown}; but: ${page.text()}`)
    },
    { timeout: 20_000 }, // a page's first import takes a while on a busy machine
  )
  return { page, router }
}

/** button finds a button by what it says. */
export function button(page: VueWrapper, label: string): ReturnType<VueWrapper['find']> {
  const found = page.findAll('button').find((b) => b.text() === label || b.attributes('aria-label') === label)
  if (!found) throw new Error(`no button ${label}; there are: ${page.findAll('button').map((b) => b.text()).join(' | ')}`)
  return found
}
