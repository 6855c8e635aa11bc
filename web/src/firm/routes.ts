import type { RouteRecordRaw } from 'vue-router'

/** Pages below /{tenant}/firm. */
export const firmRoutes: RouteRecordRaw[] = [
  {
    path: 'firm',
    component: () => import('./Firm.vue'),
    children: [
      { path: '', name: 'firm', component: () => import('./Overview.vue') },
      { path: 'facts', name: 'firm-facts', component: () => import('./Facts.vue') },
      { path: 'schemes/:doc/:scheme', name: 'firm-answer', component: () => import('./FirmAnswer.vue') },
    ],
  },
]
