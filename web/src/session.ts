import { reactive, readonly } from 'vue'
import { askWhenRefused, callInStead, del, get, post, put, setCsrf, whenUnauthenticated } from './api/client'
import { Fault } from './api/fault'
import type { components } from './api/schema'
import type { Actor, Grant, Role } from './api/types'
import { forgetPages } from './visit/offline'
import { forgetSeen } from './visit/shelf'

type Stand = components['schemas']['AccountInPlace']
type SessionAnswer = Partial<components['schemas']['AccountSessionView']>

interface Session {
  /** False until the server has been asked once who we are. */
  known: boolean
  actor: Actor | null
  tenants: string[]
  /** Somebody else set the password; it is to be changed first. */
  mustChange: boolean
  /** The server no longer knows the session. What is on the page stays until somebody signs in again or leaves. */
  ended: boolean
  /** In whose stead the desk is worked at; null: in nobody's. */
  stead: Stand | null
}

const state = reactive<Session>({ known: false, actor: null, tenants: [], mustChange: false, ended: false, stead: null })

/** session says who is signed in; actor is null for the public. */
export const session = readonly(state)

function take(answer: SessionAnswer): void {
  state.known = true
  state.actor = answer.actor?.login ? answer.actor : null
  state.tenants = answer.tenants ?? []
  state.mustChange = answer.must_change ?? false
  state.ended = false
  setCsrf(answer.csrf ?? '')
  if (!state.actor) setStead('')
}

/** setStead has everything done in the stead of an account for which one stands in, or (empty) as oneself; false: one does not stand in for it. */
export function setStead(account: string): boolean {
  state.stead = state.actor?.stands?.find((s) => s.account === account) ?? null
  callInStead(state.stead?.account ?? '')
  return !account || state.stead !== null
}

/** grants are what may be done at present: in somebody's stead, what they have delegated. */
export const grants = (): readonly Grant[] => (state.stead ?? state.actor)?.grants ?? []

whenUnauthenticated(() => {
  if (state.actor) state.ended = true
  else take({})
})

askWhenRefused(async () => {
  if (!state.actor || state.ended) return !state.ended
  const now = await get('/api/session').catch(() => undefined)
  return now === undefined || Boolean(now.actor?.login)
})

let asking: Promise<void> | undefined

/** loadSession asks the server once who we are; nobody signed in is not a fault. */
export function loadSession(): Promise<void> {
  if (state.known) return Promise.resolve()
  asking ??= get('/api/session')
    .then(take, (e: unknown) => {
      if (e instanceof Fault && e.code === 'unauthenticated') take({})
      else throw e
    })
    .finally(() => {
      asking = undefined
    })
  return asking
}

/** signIn throws a Fault whose message says why it was refused. */
export async function signIn(tenant: string, login: string, password: string): Promise<void> {
  take(await post('/api/session', { body: { tenant, login, password } }))
}

/** signUp makes an account without any role and signs it in; it throws a Fault whose message says why not. */
export async function signUp(tenant: string, login: string, name: string, password: string): Promise<void> {
  take(await post('/api/{tenant}/sign-up', { path: { tenant }, body: { login, name, password } }))
}

/** refreshSession asks again who we are: what the account may do has changed. */
export async function refreshSession(): Promise<void> {
  take(await get('/api/session'))
}

/** changePassword ends every other session of the account. */
export async function changePassword(current: string, password: string): Promise<void> {
  take(await put('/api/session/password', { body: { current, password } }))
}

export async function signOut(): Promise<void> {
  await del('/api/session').catch((e: unknown) => {
    if (!(e instanceof Fault && e.code === 'unauthenticated')) throw e
  })
  await Promise.allSettled([forgetPages(), forgetSeen()]) // nothing that was read on this phone stays on it
  take({})
}

export function hasRole(role: Role): boolean {
  return grants().some((g) => g.role === role)
}

/** Who reads the parties of a scope: officers, leaders, finance and auditors. */
export function readsParties(): boolean {
  return hasRole('officer') || hasRole('leader') || hasRole('finance') || hasRole('auditor')
}

/** runsRounds says whether the account opens and changes rounds: an officer for every town; of a department, if one is named. */
export function runsRounds(department = ''): boolean {
  return grants().some((g) => g.role === 'officer' && !g.town && (!department || !g.department || g.department === department))
}

/** They and administrators work at the desk. */
export function atDesk(): boolean {
  return readsParties() || hasRole('administrator')
}

/** audits says whether the account reads the audit log: an auditor of every town. */
export function audits(): boolean {
  return grants().some((g) => g.role === 'auditor' && !g.town)
}

/** ownParties are the ids of the firms that the account speaks for. */
export function ownParties(): string[] {
  return grants().flatMap((g) => (g.role === 'firm' && g.party ? [g.party] : []))
}

/** ownParty is the first of them, or empty. */
export function ownParty(): string {
  return ownParties()[0] ?? ''
}

/** afterSignIn is where to go: an address of this tenant that was asked for, else where the account works. */
export function afterSignIn(asked: unknown, home: string): string {
  if (typeof asked === 'string' && asked.startsWith(home)) return asked
  return home + (atDesk() ? 'desk' : ownParty() ? 'firm' : hasRole('expert') ? 'expert' : 'claim')
}
