// What anybody may ask without an account.
import { get, post } from './client'
import type { Description, Need, Result, Standing } from './types'

export interface SchemeItem {
  id: string
  title: string
  document: { title: string; number: string; number_known?: boolean; body: string; level: string }
  office: string
  kind: string
  cite: string
  gives: string[] | null
  standing: Standing
  published: string
  tags?: string[] | null
}

export interface SchemePage {
  items: SchemeItem[] | null
  total: number
  page: number
}

export interface SchemeSearch {
  q?: string
  industry?: string
  size?: string
  department?: string
  kind?: string
  document?: string
  standing?: string
  on?: string
  page?: number
  per?: number
}

export interface SchemeView {
  description: Description
  standing: Standing
  on: string
  /** What readers call the level of the document. */
  level?: string
}

export interface Calculation {
  scheme: SchemeItem
  result: Result
}

export interface CalculatorAnswer {
  on: string
  results: Calculation[] | null
  /** The missing facts of all schemes, in the order that decides most money. */
  ask: Need[] | null
  problems: { field: string; message: string }[] | null
  /** Fen: what is owed exactly, and the sum of the ceilings. */
  total: { owed: number; ceiling: number }
}

export interface CalculatorQuestion {
  facts: Record<string, string>
  on?: string
  performance?: number
  schemes?: string[]
}

export function findSchemes(tenant: string, search: SchemeSearch, signal?: AbortSignal): Promise<SchemePage> {
  return get('/api/{tenant}/schemes', { path: { tenant }, query: { ...search }, signal })
}

/** readScheme reads one scheme; id is document/scheme. */
export function readScheme(tenant: string, id: string, on: string, signal?: AbortSignal): Promise<SchemeView> {
  const [doc = '', scheme = ''] = id.split('/')
  return get('/api/{tenant}/schemes/{doc}/{scheme}', { path: { tenant, doc, scheme }, query: { on }, signal })
}

/** calculate asks for every scheme's answer; the server stores nothing. */
export function calculate(tenant: string, question: CalculatorQuestion, signal?: AbortSignal): Promise<CalculatorAnswer> {
  return post('/api/{tenant}/calculator', { path: { tenant }, body: question, signal })
}
