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
      { path: 'cases', beforeEnter: toOwn(() => 'cases'), component: () => import('./Apply.vue') },
      { path: 'certificates', beforeEnter: toOwn(() => 'certificates'), component: () => import('@/certificate/FirmCertificates.vue') },
      { path: 'bank-account', beforeEnter: toOwn(() => 'bank-account'), component: () => import('./BankAccount.vue') },
      { path: 'receivables', beforeEnter: toOwn(() => 'receivables'), component: () => import('./Receivables.vue') },
      { path: 'earmarks', beforeEnter: toOwn(() => 'earmarks'), component: () => import('./Earmarks.vue') },
      { path: ':party', name: 'firm', component: () => import('./Overview.vue') },
      { path: ':party/facts', name: 'firm-facts', component: () => import('./Facts.vue') },
      { path: ':party/cases', name: 'firm-cases', component: () => import('./Apply.vue') },
      { path: ':party/cases/:case', name: 'firm-case', component: () => import('./CasePage.vue') },
      { path: ':party/cases/:case/print', name: 'firm-case-print', component: () => import('./CasePrint.vue') },
      { path: ':party/certificates', name: 'firm-certificates', component: () => import('@/certificate/FirmCertificates.vue') },
      { path: ':party/certificates/:certificate', name: 'firm-certificate', component: () => import('@/certificate/FirmCertificate.vue') },
      { path: ':party/receivables', name: 'firm-receivables', component: () => import('./Receivables.vue') },
      { path: ':party/earmarks', name: 'firm-earmarks', component: () => import('./Earmarks.vue') },
      { path: ':party/bank-account', name: 'firm-account', component: () => import('./BankAccount.vue') },
      { path: ':party/people', name: 'firm-people', component: () => import('./People.vue') },
      { path: ':party/schemes/:doc/:scheme', name: 'firm-answer', component: () => import('./FirmAnswer.vue') },
    ],
  },
]
