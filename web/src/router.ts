import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'
import { deskRoutes } from './desk/routes'
import { firmRoutes } from './firm/routes'
import { loadSession, refreshSession, session, setStead } from './session'
import { enterTenant } from './tenant'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only for somebody signed in; others are led to the sign-in page and back. */
    signedIn?: boolean
  }
}

const signedIn = (routes: RouteRecordRaw[]): RouteRecordRaw[] =>
  routes.map((r) => ({ ...r, meta: { signedIn: true, ...r.meta } }) as RouteRecordRaw)

const routes: RouteRecordRaw[] = [
  {
    path: '/:tenant',
    component: () => import('./shell/Tenant.vue'),
    children: [
      { path: '', name: 'home', component: () => import('./portal/Home.vue') },
      { path: 'schemes', name: 'schemes', component: () => import('./portal/Schemes.vue') },
      { path: 'schemes/:doc/:scheme', name: 'scheme', component: () => import('./portal/Scheme.vue') },
      { path: 'calculator', name: 'calculator', component: () => import('./portal/Calculator.vue') },
      { path: 'rounds', name: 'rounds', component: () => import('./portal/Rounds.vue') },
      { path: 'rounds/:round', name: 'round-guide', component: () => import('./portal/Guide.vue') },
      { path: 'notices/:notice', name: 'notice', component: () => import('./portal/Notice.vue') },
      { path: 'verify/document', name: 'verify-document', component: () => import('./paper/VerifyPaper.vue') },
      { path: 'verify', name: 'verify', component: () => import('./certificate/Verify.vue') },
      { path: 'objections', name: 'track', component: () => import('./portal/Track.vue') },
      { path: 'sign-in', name: 'sign-in', component: () => import('./portal/SignIn.vue') },
      { path: 'sign-up', name: 'sign-up', component: () => import('./portal/SignUp.vue') },
      { path: 'password', name: 'password', component: () => import('./portal/Password.vue'), meta: { signedIn: true } },
      { path: 'notifications/reaches', name: 'reaches', component: () => import('./notify/Reaches.vue'), meta: { signedIn: true } },
      { path: 'notifications', name: 'notifications', component: () => import('./notify/Notifications.vue'), meta: { signedIn: true } },
      { path: 'expert', name: 'expert', component: () => import('./panel/Seats.vue'), meta: { signedIn: true } },
      { path: 'expert/:seat', name: 'expert-seat', component: () => import('./panel/SeatPage.vue'), meta: { signedIn: true } },
      ...signedIn(firmRoutes),
      ...signedIn(deskRoutes),
      { path: ':rest(.*)*', component: () => import('./shell/NotFound.vue') },
    ],
  },
  { path: '/:rest(.*)*', component: () => import('./shell/NotFound.vue') },
]

const history = createWebHistory()
/** The browser goes back or forward: the address says all. */
let popped = false
history.listen(() => (popped = true))

export const router = createRouter({
  history,
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  const id = to.params.tenant
  if (typeof id === 'string' && id) void enterTenant(id)
  if (!to.meta.signedIn) {
    setStead('')
    void loadSession().catch(() => {})
    return true
  }
  // A server that cannot be asked is not a reason to lose the address: the page shows the fault.
  await loadSession().catch(() => {})
  if (session.known && (!session.actor || session.ended))
    return { name: 'sign-in', params: { tenant: id }, query: { to: to.fullPath } }
  if (session.mustChange && to.name !== 'password') return { name: 'password', params: { tenant: id }, query: { to: to.fullPath } }
  return inStead(to)
})

router.afterEach(() => {
  popped = false
})

/** Pages that one works at in somebody's stead: those of the desk, but for delegating on. */
const steadPage = (to: RouteLocationNormalized): boolean => to.matched.some((r) => r.path === '/:tenant/desk') && to.name !== 'desk-delegations'

/**
 * inStead keeps the address and the session at one in whose stead the desk is worked at: ?stead=ACCOUNT stays from page to page, and is
 * taken away where it does not belong or is over.
 */
async function inStead(to: RouteLocationNormalized): Promise<boolean | RouteLocationRaw> {
  const { stead: asked, ...rest } = to.query
  const bare = { path: to.path, query: rest, hash: to.hash, replace: true }
  if (!steadPage(to)) {
    setStead('')
    return asked === undefined || bare
  }
  if (typeof asked !== 'string' || !asked) {
    if (session.stead && !popped) return { ...bare, query: { ...rest, stead: session.stead.account }, replace: false }
    setStead('')
    return asked === undefined || bare
  }
  if (setStead(asked)) return true
  await refreshSession().catch(() => {}) // since it was asked last
  return setStead(asked) || bare
}
