// What anybody may ask without an account.
import { get, post } from './client'
import type { components, operations } from './schema'

type S = components['schemas']

export type SchemeItem = S['SchemesLite']
export type SchemePage = S['SchemesFound']
export type SchemeSearch = NonNullable<operations['find-schemes']['parameters']['query']>
export type SchemeView = S['SchemesShown']
export type Words = S['SchemesWords']
export type Calculation = S['SchemesAnswered']
export type CalculatorAnswer = S['SchemesCalculation']
type CalculatorQuestion = S['CalculatorInputBody']

export function findSchemes(tenant: string, query: SchemeSearch, signal?: AbortSignal): Promise<SchemePage> {
  return get('/api/{tenant}/schemes', { path: { tenant }, query, signal })
}

/** readScheme reads one scheme; id is document/scheme. */
export function readScheme(tenant: string, id: string, on: string, lang: 'zh' | 'en', signal?: AbortSignal): Promise<SchemeView> {
  const [doc = '', scheme = ''] = id.split('/')
  return get('/api/{tenant}/schemes/{doc}/{scheme}', { path: { tenant, doc, scheme }, query: { on, lang }, signal })
}

export function readWords(tenant: string, signal?: AbortSignal): Promise<Words> {
  return get('/api/{tenant}/vocabulary', { path: { tenant }, signal })
}

/** calculate asks for every scheme's answer; the server stores nothing. */
export function calculate(tenant: string, body: CalculatorQuestion, signal?: AbortSignal): Promise<CalculatorAnswer> {
  return post('/api/{tenant}/calculator', { path: { tenant }, body, signal })
}
