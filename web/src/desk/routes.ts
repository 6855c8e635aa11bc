import type { RouteRecordRaw } from 'vue-router'

/** Pages below /{tenant}/desk. */
export const deskRoutes: RouteRecordRaw[] = [
  {
    path: 'desk',
    component: () => import('./Desk.vue'),
    children: [
      { path: '', name: 'desk', component: () => import('./Start.vue') },
      { path: 'parties', name: 'desk-parties', component: () => import('./Registry.vue') },
      { path: 'parties/new', name: 'desk-party-new', component: () => import('./PartyForm.vue') },
      { path: 'parties/:party/edit', name: 'desk-party-edit', component: () => import('./PartyForm.vue') },
      {
        path: 'parties/:party',
        component: () => import('./PartyFrame.vue'),
        children: [
          { path: '', name: 'desk-party', component: () => import('./PartyAnswers.vue') },
          { path: 'facts', name: 'desk-party-facts', component: () => import('./PartyFacts.vue') },
          { path: 'disputes', name: 'desk-party-disputes', component: () => import('./PartyDisputes.vue') },
          { path: 'people', name: 'desk-party-people', component: () => import('./PartyPeople.vue') },
          { path: 'schemes/:doc/:scheme', name: 'desk-party-answer', component: () => import('./PartyAnswer.vue') },
        ],
      },
      { path: 'affected', name: 'desk-schemes', component: () => import('./AffectedSchemes.vue') },
      { path: 'affected/:doc/:scheme', name: 'desk-affected', component: () => import('./Affected.vue') },
      { path: 'imports', name: 'desk-imports', component: () => import('./Imports.vue') },
      { path: 'imports/:id', name: 'desk-import', component: () => import('./Import.vue') },
      { path: 'coverage', name: 'desk-coverage', component: () => import('./Coverage.vue') },
      { path: 'disputes', name: 'desk-disputes', component: () => import('./Disputes.vue') },
      { path: 'audit', name: 'desk-audit', component: () => import('./Audit.vue') },
      { path: 'claims', name: 'desk-claims', component: () => import('./Claims.vue') },
      { path: 'claims/:id', name: 'desk-claim', component: () => import('./ClaimPage.vue') },
      { path: 'accounts', name: 'desk-accounts', component: () => import('./Accounts.vue') },
      { path: 'accounts/:id', name: 'desk-account', component: () => import('./Account.vue') },
    ],
  },
]
