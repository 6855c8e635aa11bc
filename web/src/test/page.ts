import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { enterTenant } from '@/tenant'

/** openPage mounts a page at an address below /somewhere, as the tenant's shell would. Serve the tenant's `about` first. */
export async function openPage(component: Component, pattern: string, address: string, name = 'page'): Promise<{ page: VueWrapper; router: Router }> {
  await enterTenant('somewhere')
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: `/:tenant/${pattern}`, name, component },
      { path: '/:rest(.*)*', component: { template: '<i/>' } },
    ],
  })
  await router.push('/somewhere/' + address)
  const page = mount({ template: '<RouterView />' }, { global: { plugins: [router] }, attachTo: document.body })
  await flushPromises()
  return { page, router }
}

export const about = {
  id: 'somewhere',
  name: '某地',
  today: '2026-11-23',
  departments: ['市经信局', '市科技局'],
  industries: ['家电'],
  sizes: ['小型'],
  towns: [],
  demo: true,
  notice: '',
}
