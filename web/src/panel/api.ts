// The calls of the pool of experts, of panels at the desk, and of experts themselves.

import { get, post, put, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Expert = S['PanelExpert']
export type ExpertDraft = S['PanelExpertDraft']
export type ExpertPage = S['PanelExpertPage']
export type Panel = S['Panel']
export type Seat = S['PanelSeat']
export type Sheet = S['PanelSheet']

const at = <T extends object>(more: T) => ({ tenant: tenant.id, ...more })

export const getExperts = (query: Record<string, string | number | undefined>, signal?: AbortSignal) => get('/api/{tenant}/experts', { path: at({}), query, signal })
export const expertsUrl = (query: Record<string, string | number | undefined>): string => urlOf('/api/{tenant}/experts.xlsx', { path: at({}), query })
export const addExpert = (body: ExpertDraft) => post('/api/{tenant}/experts', { path: at({}), body })
export const changeExpert = (id: string, body: ExpertDraft) => put('/api/{tenant}/experts/{id}', { path: at({ id }), body })
export const unmaskExpert = (id: string, reason: string) => post('/api/{tenant}/experts/{id}/unmask', { path: at({ id }), body: { reason } })

export function importExperts(file: File) {
  const form = new FormData()
  form.set('file', file)
  return post('/api/{tenant}/experts/import', { path: at({}), body: form })
}

export const getPanels = (id: string, signal?: AbortSignal) => get('/api/{tenant}/rounds/{id}/panels', { path: at({ id }), signal }).then((x) => x.items)
export const excuse = (id: string, expert: string, reason: string) => post('/api/{tenant}/panels/{id}/excuse', { path: at({ id }), body: { expert, reason } })
export const noteMinutes = (id: string, note: string, version: number) => put('/api/{tenant}/panels/{id}/note', { path: at({ id }), body: { note, version } })
export const minutesUrl = (id: string): string => urlOf('/api/{tenant}/panels/{id}/minutes.docx', { path: at({ id }) })

export const getSeats = (signal?: AbortSignal) => get('/api/{tenant}/seats', { path: at({}), signal }).then((x) => x.items)
export const getSeat = (id: string, signal?: AbortSignal) => get('/api/{tenant}/seats/{id}', { path: at({ id }), signal })
export const declare = (id: string, conflicts: string[], reason: string) =>
  post('/api/{tenant}/seats/{id}/declaration', { path: at({ id }), body: { conflicts, ...(reason ? { reason } : {}) } })
export const scoreCase = (id: string, code: string, body: S['PanelScoring']) => put('/api/{tenant}/seats/{id}/sheets/{code}', { path: at({ id, code }), body })
export const signMinutes = (id: string) => post('/api/{tenant}/seats/{id}/signature', { path: at({ id }) })
export const evidenceUrl = (id: string, code: string, file: string): string => urlOf('/api/{tenant}/seats/{id}/sheets/{code}/files/{file}', { path: at({ id, code, file }) })
