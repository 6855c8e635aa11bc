// The calls of official documents.

import { get, post, put, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Paper = S['Paper']
export type PaperPage = S['PaperPage']
export type Content = S['PaperContent']
export type Delivery = S['PaperDelivery']
export type Verified = S['PaperVerified']
export type State = Paper['state']

const at = (id: string) => ({ tenant: tenant.id, id })

export const getPapersOf = (caseID: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/papers', { path: at(caseID), signal })
export const draftPaper = (caseID: string, template: string) => post('/api/{tenant}/cases/{id}/papers', { path: at(caseID), body: { template } })
export const getPapers = (query: { q?: string; state?: State; page: number; per: number }, signal?: AbortSignal) =>
  get('/api/{tenant}/papers', { path: { tenant: tenant.id }, query, signal })
export const getPaper = (id: string, signal?: AbortSignal) => get('/api/{tenant}/papers/{id}', { path: at(id), signal })
export const savePaper = (p: Paper, content: Content) => put('/api/{tenant}/papers/{id}', { path: at(p.id), body: { version: p.version, ...content } })
export const submitPaper = (p: Paper) => post('/api/{tenant}/papers/{id}/submit', { path: at(p.id), body: { version: p.version } })
export const reviewPaper = (p: Paper) => post('/api/{tenant}/papers/{id}/review', { path: at(p.id), body: { version: p.version } })
export const issuePaper = (p: Paper) => post('/api/{tenant}/papers/{id}/issue', { path: at(p.id), body: { version: p.version } })
export const receivePaper = (p: Paper) => post('/api/{tenant}/papers/{id}/receive', { path: at(p.id), body: { version: p.version } })
export const returnPaper = (p: Paper, reason: string) => post('/api/{tenant}/papers/{id}/return', { path: at(p.id), body: { version: p.version, reason } })
export const voidPaper = (p: Paper, reason: string) => post('/api/{tenant}/papers/{id}/void', { path: at(p.id), body: { version: p.version, reason } })
export const deliverPaper = (p: Paper, d: Delivery) => post('/api/{tenant}/papers/{id}/delivery', { path: at(p.id), body: { version: p.version, ...d } })
export const verifyPaper = (sha256: string, signal?: AbortSignal) =>
  get('/api/{tenant}/papers/verify', { path: { tenant: tenant.id }, query: { sha256 }, signal })

export const fileUrl = (id: string): string => urlOf('/api/{tenant}/papers/{id}/file', { path: at(id) })
export const draftUrl = (id: string): string => urlOf('/api/{tenant}/papers/{id}/draft.docx', { path: at(id) })
export const receiptUrl = (id: string): string => urlOf('/api/{tenant}/papers/{id}/receipt.docx', { path: at(id) })
