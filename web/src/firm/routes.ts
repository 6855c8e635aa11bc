import type { RouteLocation, RouteRecordRaw } from 'vue-router'
import { hereFirm } from './record'

// An address without a firm leads to the account's own: the one it looked at last, else the first.
function toOwn(path: (to: RouteLocation) => string) {
  return (to: RouteLocation) => {
    const own = hereFirm(path(to))
    return own ? { path: own, query: to.query, hash: to.hash, replace: true } : true
  }
}

const schemePath = (to: RouteLocation): string => `schemes/${String(to.params.doc)}/${String(to.params.scheme)}`

/** Pages below /{tenant}/firm: the firm stands in the address, so that a link and a reload keep it. */
export const firmRoutes: RouteRecordRaw[] = [
  { path: 'claim', name: 'claim', component: () => import('./Claim.vue') },
  {
    path: 'firm',
    component: () => import('./Firm.vue'),
    children: [
      { path: '', name: 'firm-home', beforeEnter: toOwn(() => ''), component: () => import('./Overview.vue') },
      { path: 'facts', beforeEnter: toOwn(() => 'facts'), component: () => import('./Facts.vue') },
      { path: 'people', beforeEnter: toOwn(() => 'people'), component: () => import('./People.vue') },
      { path: 'schemes/:doc/:scheme', beforeEnter: toOwn(schemePath), component: () => import('./FirmAnswer.vue') },
      { path: ':party', name: 'firm', component: () => import('./Overview.vue') },
      { path: ':party/facts', name: 'firm-facts', component: () => import('./Facts.vue') },
      { path: ':party/people', name: 'firm-people', component: () => import('./People.vue') },
      { path: ':party/schemes/:doc/:scheme', name: 'firm-answer', component: () => import('./FirmAnswer.vue') },
    ],
  },
]
