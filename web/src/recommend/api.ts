// The calls of what is recommended to upper bodies and what they publish.

import { get, post, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Recommended = S['CaseworkRecommended']
export type Result = S['CaseworkResult']
export type Results = S['CaseworkResultList']

const at = (id: string) => ({ tenant: tenant.id, id })

export const getRecommended = (id: string, signal?: AbortSignal): Promise<Recommended[]> =>
  get('/api/{tenant}/rounds/{id}/recommended', { path: at(id), signal }).then((x) => x.items)
export const recommendedUrl = (id: string): string => urlOf('/api/{tenant}/rounds/{id}/recommended.xlsx', { path: at(id) })
export const letterUrl = (id: string, to: string): string => urlOf('/api/{tenant}/rounds/{id}/recommended.docx', { path: at(id), query: { to } })
export const getResults = (id: string, signal?: AbortSignal): Promise<Results> => get('/api/{tenant}/rounds/{id}/results', { path: at(id), signal })
export const readResult = (id: string, form: FormData): Promise<Result> => post('/api/{tenant}/rounds/{id}/results', { path: at(id), body: form })
