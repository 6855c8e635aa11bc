// The calls that read and change one party's record.

import { get, post } from '@/api/client'
import { locale } from '@/i18n'
import { tenant } from '@/tenant'
import type { Change, Dispute, Explained, Fact, Party, Standpoints, Statement, Vocabulary } from './types'

function at<T extends object>(more: T = {} as T): { tenant: string } & T {
  return { tenant: tenant.id, ...more }
}

export function getParty(party: string, signal?: AbortSignal): Promise<Party> {
  return get('/api/{tenant}/parties/{id}', { path: at({ id: party }), signal })
}

/** getFirms are the firms that the account speaks for, by name. */
export async function getFirms(signal?: AbortSignal): Promise<Party[]> {
  const got = await get('/api/{tenant}/firms', { path: at(), signal })
  return got.items
}

export async function getFacts(party: string, history: boolean, signal?: AbortSignal): Promise<Fact[]> {
  const got = await get('/api/{tenant}/parties/{id}/facts', {
    path: at({ id: party }),
    query: { history: history || undefined },
    signal,
  })
  return got.items ?? []
}

export function getAnswers(party: string, signal?: AbortSignal): Promise<Standpoints> {
  return get('/api/{tenant}/parties/{id}/answers', { path: at({ id: party }), signal })
}

export function getAnswer(party: string, doc: string, scheme: string, signal?: AbortSignal): Promise<Explained> {
  return get('/api/{tenant}/parties/{id}/answers/{doc}/{scheme}', { path: at({ id: party, doc, scheme }), query: { lang: locale.value }, signal })
}

export interface Stated {
  fact: Fact
  changes: Change[]
}

export async function stateFact(party: string, statement: Statement): Promise<Stated> {
  const got = await post('/api/{tenant}/parties/{id}/facts', {
    path: at({ id: party }),
    body: statement,
  })
  return { fact: got.fact, changes: got.answers_changed ?? [] }
}

export function disputeFact(fact: string, reason: string): Promise<Dispute> {
  return post('/api/{tenant}/facts/{id}/dispute', { path: at({ id: fact }), body: { reason } })
}

export async function verifyFact(fact: string): Promise<Stated> {
  const got = await post('/api/{tenant}/facts/{id}/verify', {
    path: at({ id: fact }),
    body: {},
  })
  return { fact: got.fact, changes: got.answers_changed ?? [] }
}

let words: { tenant: string; asked: Promise<Vocabulary> } | undefined

/** getVocabulary asks once for each tenant; it changes only when a document is published. */
export function getVocabulary(): Promise<Vocabulary> {
  if (words?.tenant !== tenant.id) {
    const asked = get('/api/{tenant}/vocabulary', { path: at() })
      .then((v) => ({ terms: v.terms ?? [], records: v.records ?? [] }))
      .catch((e: unknown) => {
        words = undefined
        throw e
      })
    words = { tenant: tenant.id, asked }
  }
  return words.asked
}

/** getTitles are the titles of all schemes, whatever their standing, by id. */
export async function getTitles(): Promise<Record<string, string>> {
  const got = await get('/api/{tenant}/schemes', {
    path: at(),
    query: { standing: 'all', per: 200 },
  })
  return Object.fromEntries((got.items ?? []).map((s) => [s.id, s.title]))
}

/** getDisputes are a party's objections, the latest first. */
export async function getDisputes(party: string, signal?: AbortSignal): Promise<Dispute[]> {
  const got = await get('/api/{tenant}/disputes', { path: at(), query: { party, per: 50 }, signal })
  return got.items ?? []
}
