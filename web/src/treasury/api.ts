// The calls of budgets, awards, bank accounts, payment batches, the bank's results and the books.

import { get, post, postForFile, put, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Budget = S['TreasuryBudget']
type BudgetBody = S['TreasuryBudgetBody']
export type Award = S['TreasuryAwardView']
export type BankAccount = S['TreasuryBankAccount']
type AccountBody = S['TreasuryAccountBody']
export type Batch = S['TreasuryBatch']
type BatchBody = S['TreasuryBatchBody']
export type Payment = S['TreasuryPayment']
export type BankResult = S['TreasuryBankResult']
export type Entry = S['TreasuryEntry']
export type Receivable = S['TreasuryReceivable']
export type Earmark = S['TreasuryEarmark']

type Query = Record<string, string | number | boolean | undefined>

function at<T extends object>(more: T = {} as T): { tenant: string } & T {
  return { tenant: tenant.id, ...more }
}

export const getBudgets = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/budgets', { path: at(), query, signal })
export const budgetsUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/budgets.xlsx', { path: at(), query })
export const getBudget = (id: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/budgets/{id}', { path: at({ id }), signal })
export const makeBudget = (body: BudgetBody) => post('/api/{tenant}/treasury/budgets', { path: at(), body })

/** resize raises a budget, or lowers it; the version makes the same click twice count once. */
export const resize = (id: string, way: 'raise' | 'lower', version: number, amount: number, reason: string) =>
  post(way === 'raise' ? '/api/{tenant}/treasury/budgets/{id}/raise' : '/api/{tenant}/treasury/budgets/{id}/lower', {
    path: at({ id }),
    body: { version, amount, reason },
  })

export const getEntries = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/entries', { path: at(), query, signal })
export const entriesUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/entries.xlsx', { path: at(), query })
export const correct = (id: string, reason: string) => post('/api/{tenant}/treasury/entries/{id}/correct', { path: at({ id }), body: { reason } })
export const getReport = (round: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/report', { path: at(), query: { round }, signal })
export const reportUrl = (round: string): string => urlOf('/api/{tenant}/treasury/report.xlsx', { path: at(), query: { round } })
export const getTrace = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/trace', { path: at(), query, signal })
export const traceUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/trace.xlsx', { path: at(), query })

export const getAwards = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/awards', { path: at(), query, signal })
export const awardsUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/awards.xlsx', { path: at(), query })
export const giveUp = (id: string, reason: string) => post('/api/{tenant}/treasury/awards/{id}/give-up', { path: at({ id }), body: { reason } })

export const getAccounts = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/accounts', { path: at(), query, signal })
export const accountsUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/accounts.xlsx', { path: at(), query })
export const confirmAccount = (id: string, evidence: string) =>
  post('/api/{tenant}/treasury/accounts/{id}/confirm', { path: at({ id }), body: { evidence } })
export const getAccount = (party: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/parties/{id}/account', { path: at({ id: party }), signal })
export const setAccount = (party: string, body: AccountBody) => put('/api/{tenant}/treasury/parties/{id}/account', { path: at({ id: party }), body })
export const unmaskAccount = (party: string, reason: string) =>
  post('/api/{tenant}/treasury/parties/{id}/account/unmask', { path: at({ id: party }), body: { reason } })

export const getBatches = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/batches', { path: at(), query, signal })
export const batchesUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/batches.xlsx', { path: at(), query })
export const getBatch = (id: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/batches/{id}', { path: at({ id }), signal })
export const prepare = (body: BatchBody) => post('/api/{tenant}/treasury/batches', { path: at(), body })
export const getLines = (id: string, query: Query, signal?: AbortSignal) =>
  get('/api/{tenant}/treasury/batches/{id}/lines', { path: at({ id }), query, signal })
export const linesUrl = (id: string, query: Query): string => urlOf('/api/{tenant}/treasury/batches/{id}/lines.xlsx', { path: at({ id }), query })
export const drop = (id: string, line: string, reason: string) =>
  post('/api/{tenant}/treasury/batches/{id}/lines/{line}/drop', { path: at({ id, line }), body: { reason } })
export const approve = (id: string, version: number) => post('/api/{tenant}/treasury/batches/{id}/approve', { path: at({ id }), body: { version } })
export const send = (id: string) => post('/api/{tenant}/treasury/batches/{id}/send', { path: at({ id }), body: {} })
export const cancelBatch = (id: string, reason: string) => post('/api/{tenant}/treasury/batches/{id}/cancel', { path: at({ id }), body: { reason } })
export const bankFile = (id: string): Promise<Blob> => postForFile('/api/{tenant}/treasury/batches/{id}/bank-file', { path: at({ id }), body: {} })

export function upload(id: string, file: File) {
  const form = new FormData()
  form.set('file', file)
  return post('/api/{tenant}/treasury/batches/{id}/results', { path: at({ id }), body: form })
}
export const getResults = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/treasury/batches/{id}/results', { path: at({ id }), signal }).then((x) => x.items)
export const getResult = (id: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/results/{id}', { path: at({ id }), signal })
export const getResultRows = (id: string, query: Query, signal?: AbortSignal) =>
  get('/api/{tenant}/treasury/results/{id}/rows', { path: at({ id }), query, signal })
export const resultRowsUrl = (id: string, query: Query): string => urlOf('/api/{tenant}/treasury/results/{id}/rows.xlsx', { path: at({ id }), query })
export const applyResult = (id: string, mode: 'good_only' | 'all_or_none') =>
  post('/api/{tenant}/treasury/results/{id}/apply', { path: at({ id }), body: { mode } })
export const cancelResult = (id: string) => post('/api/{tenant}/treasury/results/{id}/cancel', { path: at({ id }), body: {} })

export const getEarmarks = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/earmarks', { path: at(), query, signal })
export const earmarksUrl = (query: Query): string => urlOf('/api/{tenant}/treasury/earmarks.xlsx', { path: at(), query })
export const stateUse = (id: string, body: { amount: number; on: string; purpose: string; spent: string; paper: string }) =>
  post('/api/{tenant}/treasury/earmarks/{id}/uses', { path: at({ id }), body })
export const decideUse = (id: string, use: string, accept: boolean, reason?: string) =>
  post('/api/{tenant}/treasury/earmarks/{id}/uses/{use}', { path: at({ id, use }), body: { accept, reason } })
export const withdrawUse = (id: string, use: string) => post('/api/{tenant}/treasury/earmarks/{id}/uses/{use}/withdraw', { path: at({ id, use }) })
export const getReceivables = (query: Query, signal?: AbortSignal) => get('/api/{tenant}/treasury/receivables', { path: at(), query, signal })
export const getReceivable = (id: string, signal?: AbortSignal) => get('/api/{tenant}/treasury/receivables/{id}', { path: at({ id }), signal })
export const stateRepayment = (id: string, amount: number, on: string, serial: string) =>
  post('/api/{tenant}/treasury/receivables/{id}/repayments', { path: at({ id }), body: { amount, on, serial } })
export const decideRepayment = (id: string, repayment: string, confirm: boolean) =>
  post('/api/{tenant}/treasury/receivables/{id}/repayments/{repayment}', { path: at({ id, repayment }), body: { confirm } })
export const writeOff = (id: string, reason: string) => post('/api/{tenant}/treasury/receivables/{id}/write-off', { path: at({ id }), body: { reason } })
