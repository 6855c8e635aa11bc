// Trying a changed scheme over the registry: the calls, the words, and following a run.

import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { del, get, post, urlOf } from '@/api/client'
import { asFault, type Fault } from '@/api/fault'
import type { components } from '@/api/schema'
import { formatMoney } from '@/format/money'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Trial = S['Simulation']
export type Parameters = S['SimulationParametersOf']
export type Parameter = S['Parameter']
export type Result = S['SimulationResult']
export type Group = S['SimulationOfGroup']
export type PartyPage = S['SimulationPartyPage']
export type Side = S['SimulationSide']
export type Moved = S['SimulationMoved']
export type Aside = S['SimulationAside']
export type TrialPage = S['SimulationPage']

type Query = Record<string, string | number | boolean | undefined>

function at<T extends object>(more: T = {} as T): { tenant: string } & T {
  return { tenant: tenant.id, ...more }
}

export const getParameters = (doc: string, scheme: string, signal?: AbortSignal) =>
  get('/api/{tenant}/schemes/{doc}/{scheme}/parameters', { path: at({ doc, scheme }), signal })
export const getTrial = (id: string, signal?: AbortSignal) => get('/api/{tenant}/simulations/{id}', { path: at({ id }), signal })
export const getTrials = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/simulations', { path: at(), query, signal })
export const trialsUrl = (query: Query): string => urlOf('/api/{tenant}/simulations.xlsx', { path: at(), query })
export const getTrialParties = (id: string, query: Query, signal?: AbortSignal) =>
  get('/api/{tenant}/simulations/{id}/parties', { path: at({ id }), query, signal })
export const trialPartiesUrl = (id: string, query: Query): string => urlOf('/api/{tenant}/simulations/{id}/parties.xlsx', { path: at({ id }), query })
export const getBeside = (ids: string, signal?: AbortSignal) => get('/api/{tenant}/simulations/compare', { path: at(), query: { ids }, signal })
export const startTrial = (body: S['SimulationStartBody']) => post('/api/{tenant}/simulations', { path: at(), body })
export const saveTrial = (id: string, name: string, note: string) => post('/api/{tenant}/simulations/{id}/save', { path: at({ id }), body: { name, note } })
export const stopTrial = (id: string) => post('/api/{tenant}/simulations/{id}/stop', { path: at({ id }) })
export const deleteTrial = (id: string) => del('/api/{tenant}/simulations/{id}', { path: at({ id }) })

export const stateWords: Record<Trial['state'], string> = { waiting: '等待测算', running: '正在测算', done: '测算完成', failed: '没有算完', stopped: '已取消' }
export const wayWords: Record<string, string> = { enter: '新增', leave: '退出', gain: '增加', lose: '减少' }

/** under says whether a run is still under way. */
export const under = (t: Trial): boolean => t.state === 'waiting' || t.state === 'running'

/** worth is what a side costs: exact sums and ceilings together. */
export const worth = (s: Side): number => s.owed + s.ceiling

/** touched is for how many parties something changes. */
export const touched = (m: Moved): number => m.enter + m.leave + m.gain + m.lose

/** setAside is what the budgets of a run hold together. */
export const setAside = (t: Trial): number => t.budgets.reduce((sum, b) => sum + b.total, 0)

/** verdict says by how much a cost stays within what is set aside, or goes beyond it. */
export const verdict = (budget: number, cost: number): string => (cost > budget ? `超出 ${formatMoney(cost - budget)}` : `结余 ${formatMoney(budget - cost)}`)

/** signed writes a difference with its sign. */
export const signed = (fen: number): string => (fen > 0 ? '+' : '') + formatMoney(fen)

/** wan is money on an axis: 万, with parts of one only where there are few, and from 100亿 on 亿. */
export const wan = (fen: number): string =>
  Math.abs(fen) >= 1e12
    ? `${(fen / 1e10).toLocaleString('en-US')}亿`
    : `${(fen / 1e6).toLocaleString('en-US', { maximumFractionDigits: Math.abs(fen) < 1e7 ? 2 : 0 })}万`

/** balance says how the budgets of a run compare with what it costs, or why that is not told. */
export function balance(t: Trial): string {
  if (t.no_budgets) return '无权查看'
  return t.budgets.length && t.result ? verdict(setAside(t), worth(t.result.total.after)) : '没有安排'
}

/** colors of both sides in a chart. */
export const colors = { before: '#a9b4ae', after: '#17594a' }

/** changesOf is what was tried, in a line. */
export const changesOf = (t: Trial): string => (t.draft ? '按草案文件' : t.changes.map((c) => `${c.label} ${shown(c.from)} → ${shown(c.to)}`).join('；'))

/** count writes a number with separators. */
export const count = (n: number): string => n.toLocaleString('en-US')

/** shown writes a literal of a file as an officer would: up to 500元 → 最高500元, 3‰ to 6‰ → 3‰至6‰; the server takes it back so. */
export function shown(literal: string): string {
  return literal.replace(/^up to /, '最高').replace(/^at least /, '不低于').replace(/ to /, '至')
}

/** titleOf names a run. */
export function titleOf(t: Trial): string {
  return t.name || (t.draft ? '草案测算' : `${t.scheme_title || '政策'}测算`)
}

/** named is what a group is called; a party may have none. */
export const named = (g: Group): string => g.name || '未填写'

const EVERY = 700
const AFTER_FAULT = 3000

interface Following {
  data: ShallowRef<Trial | undefined>
  fault: ShallowRef<Fault | undefined>
  busy: Ref<boolean>
  follow: () => Promise<void>
  act: (ask: () => Promise<Trial>) => Promise<boolean>
}

/** useTrial follows the run of an id until it has ended. The address carries the id, so a reload only asks again. */
export function useTrial(id: () => string): Following {
  const data = shallowRef<Trial>()
  const fault = shallowRef<Fault>()
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let gone = false

  function again(after: number): void {
    clearTimeout(timer)
    if (!gone) timer = setTimeout(() => void follow(), after)
  }

  function take(t: Trial): void {
    data.value = t
    fault.value = undefined
    if (under(t)) again(EVERY)
  }

  async function follow(): Promise<void> {
    const mine = ++asked
    try {
      const got = await getTrial(id())
      if (mine === asked && !gone) take(got)
    } catch (e) {
      if (mine !== asked || gone) return
      fault.value = asFault(e)
      if (fault.value.retryable) again(AFTER_FAULT)
    }
  }

  async function act(ask: () => Promise<Trial>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      const got = await ask()
      asked++
      take(got)
      return true
    } catch (e) {
      fault.value = asFault(e)
      return false
    } finally {
      busy.value = false
    }
  }

  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })
  return { data, fault, busy, follow, act }
}
