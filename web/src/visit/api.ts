// The calls of visits on the spot.
import { get, post, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']
export type Visit = S['CaseworkVisit']
export type VisitItem = S['CaseworkVisitItem']
export type VisitEntry = S['CaseworkVisitEntry']
export type VisitRow = S['CaseworkVisitRow']
export type NewVisitEntry = S['CaseworkNewVisitEntry']

const at = <T extends object>(more: T) => ({ tenant: tenant.id, ...more })

export const getVisits = (done: boolean, signal?: AbortSignal) =>
  get('/api/{tenant}/visits', { path: { tenant: tenant.id }, query: { done }, signal }).then((x) => x.items ?? [])
export const getCaseVisits = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/visits', { path: at({ id }), signal })
export const getVisit = (id: string, signal?: AbortSignal) => get('/api/{tenant}/visits/{id}', { path: at({ id }), signal })
export const answerVisit = (id: string, body: { at?: string; wish?: string }) => post('/api/{tenant}/visits/{id}/answer', { path: at({ id }), body })
export const offerDates = (id: string, body: { dates: string[]; set?: boolean; reason?: string }) => post('/api/{tenant}/visits/{id}/dates', { path: at({ id }), body })
export const keepEntries = (id: string, entries: NewVisitEntry[]) => post('/api/{tenant}/visits/{id}/entries', { path: at({ id }), body: { entries } })
export const signVisit = (id: string, content: string) => post('/api/{tenant}/visits/{id}/signature', { path: at({ id }), body: { content } })
export const cancelVisit = (id: string, reason: string) => post('/api/{tenant}/visits/{id}/cancellation', { path: at({ id }), body: { reason } })
export const answerRecord = (id: string, body: { right: boolean; says?: string }) => post('/api/{tenant}/visits/{id}/record', { path: at({ id }), body })
export const photoUrl = (id: string, file: string): string => urlOf('/api/{tenant}/visits/{id}/photos/{file}', { path: at({ id, file }) })

export function keepPhoto(id: string, photo: { id: string; item: string; taken_at: string; file: Blob }) {
  const form = new FormData()
  form.set('id', photo.id)
  form.set('item', photo.item)
  form.set('taken_at', photo.taken_at)
  form.set('file', photo.file, 'photo.jpg')
  return post('/api/{tenant}/visits/{id}/photos', { path: at({ id }), body: form })
}

export const stateWords: Record<Visit['state'], string> = { planned: '待定时间', set: '时间已定', done: '已签字', cancelled: '已取消' }
export const answerWords: Record<string, string> = { yes: '是', no: '否', unsure: '无法确认' }

/** saidText is an entry as one reads it. */
export function saidText(x: Pick<VisitItem, 'unit'>, e: Pick<VisitEntry, 'answer' | 'note'>): string {
  const answer = e.answer ? (answerWords[e.answer] ?? `${e.answer}${x.unit ?? ''}`) : ''
  return [answer, e.note].filter(Boolean).join('：') || '（空）'
}
