// The audit log in the words of its page, and its verification as the page follows it.

import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { del, get, post } from '@/api/client'
import { asFault, type Fault } from '@/api/fault'
import type { components } from '@/api/schema'
import type { Grant } from '@/api/types'
import { hasRole } from '@/session'
import { here, tenant } from '@/tenant'
import { grantText } from './grants'

export type Entry = components['schemas']['AuditorEntry']
export type KindWords = components['schemas']['AuditorKindWords']
export type Verification = components['schemas']['AuditorVerification']

/** What the log calls its details. Others stand under their own name. */
const detailWords: Record<string, string> = {
  reason: '理由', party: '主体编号', term: '项目', period: '期间', source: '来源', fact: '数据编号', kind: '类别', rows: '行数', bad: '有误的行', written: '新增或更新',
  origin: '来自', grants: '角色和范围', disabled: '停用', sha256: '文件指纹', mode: '方式', through: '截至', set: '政策文件集指纹', added: '新增', changed: '修改',
  removed: '撤下', records: '记录', checkpoints: '检查点', head: '末条指纹', problems: '问题', count: '问题数',
}

const valueWords: Record<string, string> = { good_only: '只导入无误的行', all_or_none: '全部导入', true: '是', false: '否' }

function valueText(name: string, value: unknown): string {
  if (name === 'grants' && Array.isArray(value)) return (value as Grant[]).map(grantText).join('；') || '没有角色'
  if (Array.isArray(value)) return value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join('；') || '无'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return valueWords[text] ?? text
}

/** detailsOf are the details of a record, each with what it is called; empty ones are left out. */
export function detailsOf(entry: Pick<Entry, 'data'>): { label: string; text: string }[] {
  let data: unknown
  try {
    data = entry.data ? JSON.parse(entry.data) : {}
  } catch {
    return [{ label: '详情', text: entry.data }]
  }
  if (typeof data !== 'object' || data === null) return [{ label: '详情', text: entry.data }]
  return Object.entries(data)
    .filter(([, value]) => value !== '' && value !== null)
    .map(([name, value]) => ({ label: detailWords[name] ?? name, text: valueText(name, value) }))
}

/** reasonOf is the reason that somebody gave, or what roles an account was given: what a reader looks for first. */
export function reasonOf(entry: Pick<Entry, 'data'>): string {
  return detailsOf(entry)
    .filter((d) => d.label === detailWords.reason || d.label === detailWords.grants)
    .map((d) => `${d.label}：${d.text}`)
    .join('；')
}

/** pageOf is where what a record is about has its page, if the reader may open it. */
export function pageOf(entry: Pick<Entry, 'subject'>): string | undefined {
  const s = entry.subject
  if (s?.kind === 'party') return here(`desk/parties/${s.id}`)
  if (s?.kind === 'import') return here(`desk/imports/${s.id}`)
  if (s?.kind === 'region') return here('desk/region')
  if (s?.kind === 'coverage') return here('desk/coverage')
  if (s?.kind === 'account' && hasRole('administrator')) return here(`desk/accounts/${s.id}`)
  return undefined
}

/** loginOf is the login of who is named as login（name）. */
export function loginOf(by: string): string {
  return { 系统: 'system', 未登录: 'public' }[by] ?? by.split('（')[0]!
}

/** What each kind of problem is called. */
export const problemWords: Record<string, string> = {
  edited: '被改动的记录', missing: '缺失的记录', reordered: '被调换的记录', truncated: '被截断的记录', rewritten: '被重写的记录', forged: '检查点签名不对',
  changed: '与记录不符的数据', gone: '不见了的数据', unlogged: '没有记录的数据',
}

const EVERY = 700

interface Verifying {
  data: ShallowRef<Verification | undefined>
  fault: ShallowRef<Fault | undefined>
  busy: Ref<boolean>
  working: ComputedRef<boolean>
  follow: () => Promise<void>
  start: () => Promise<void>
  cancel: () => Promise<void>
}

/** useVerification follows the verification of the log: asked again while the server works. */
export function useVerification(): Verifying {
  const data = shallowRef<Verification>()
  const fault = shallowRef<Fault>()
  const busy = ref(false)
  const working = computed(() => data.value?.state === 'waiting' || data.value?.state === 'running')
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  async function ask(question: () => Promise<Verification>): Promise<void> {
    clearTimeout(timer)
    try {
      const answer = await question()
      if (gone) return
      data.value = answer
      fault.value = undefined
      if (working.value) timer = setTimeout(() => void follow(), EVERY)
    } catch (e) {
      if (!gone) fault.value = asFault(e)
    }
  }

  async function decide(question: () => Promise<Verification>): Promise<void> {
    if (busy.value) return
    busy.value = true
    await ask(question)
    busy.value = false
  }

  const path = (): { tenant: string } => ({ tenant: tenant.id })
  const follow = (): Promise<void> => ask(() => get('/api/{tenant}/audit/verification', { path: path() }))

  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })

  return {
    data,
    fault,
    busy,
    working,
    follow,
    start: () => decide(() => post('/api/{tenant}/audit/verification', { path: path() })),
    cancel: () => decide(() => del('/api/{tenant}/audit/verification', { path: path() })),
  }
}
