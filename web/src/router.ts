import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { deskRoutes } from './desk/routes'
import { firmRoutes } from './firm/routes'
import { loadSession, session } from './session'
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
      { path: 'verify', name: 'verify', component: () => import('./certificate/Verify.vue') },
      { path: 'objections', name: 'track', component: () => import('./portal/Track.vue') },
      { path: 'sign-in', name: 'sign-in', component: () => import('./portal/SignIn.vue') },
      { path: 'sign-up', name: 'sign-up', component: () => import('./portal/SignUp.vue') },
      { path: 'password', name: 'password', component: () => import('./portal/Password.vue'), meta: { signedIn: true } },
      { path: 'notifications/reaches', name: 'reaches', component: () => import('./notify/Reaches.vue'), meta: { signedIn: true } },
      { path: 'notifications', name: 'notifications', component: () => import('./notify/Notifications.vue'), meta: { signedIn: true } },
      ...signedIn(firmRoutes),
      ...signedIn(deskRoutes),
      { path: ':rest(.*)*', component: () => import('./shell/NotFound.vue') },
    ],
  },
  { path: '/:rest(.*)*', component: () => import('./shell/NotFound.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  const id = to.params.tenant
  if (typeof id === 'string' && id) void enterTenant(id)
  if (!to.meta.signedIn) {
    void loadSession().catch(() => {})
    return true
  }
  // A server that cannot be asked is not a reason to lose the address: the page shows the fault.
  await loadSession().catch(() => {})
  if (session.known && (!session.actor || session.ended))
    return { name: 'sign-in', params: { tenant: id }, query: { to: to.fullPath } }
  if (session.mustChange && to.name !== 'password') return { name: 'password', params: { tenant: id }, query: { to: to.fullPath } }
  return true
})
