// The shapes of a party's record: who it is, its facts, and its answers.

import type { Amount, Answer, Gap, Need, Result, Standing } from '@/api/types'

export interface Party {
  id: string
  kind: string
  code: string
  name: string
  town: string
  industry: string
  size: string
  contact?: string
  phone?: string
  note?: string
  exception?: string
  invented?: boolean
  stated_at?: string
}

/** What a fact field or a record's field may hold. */
export interface FieldSpec {
  name: string
  type: string
  unit?: string
  options?: string[] | null
}

export interface Term {
  name: string
  english?: string
  label?: string
  of?: string
  unit?: string
  type: string
  every?: string
  from?: string
  help?: string
  options?: string[] | null
}

export interface RecordKind {
  name: string
  english?: string
  of?: string
  from?: string
  complete?: string
  help?: string
  fields?: FieldSpec[] | null
}

export interface Vocabulary {
  terms: Term[]
  records: RecordKind[]
}

export interface Dispute {
  id: string
  fact: string
  party: string
  party_name?: string
  label?: string
  value?: string
  reason: string
  state: 'open' | 'upheld' | 'corrected'
  opened_at: string
  opened_by: string
  decision?: string
  resolved_at?: string
  resolved_by?: string
}

/** One thing that somebody said of a party. A newer one supersedes it; nothing is overwritten. */
export interface Fact {
  id: string
  party: string
  term: string
  label?: string
  period: string
  value: string
  from?: string
  until?: string
  fields?: Record<string, string> | null
  source: string
  evidence: string
  verified: boolean
  withdrawn?: boolean
  stated_at: string
  stated_by: string
  verified_by?: string
  superseded_by?: string
  dispute?: Dispute | null
  disputed?: boolean
  /** What the reader may do with it, as the server sees it. */
  may?: string[]
}

export type Group = 'due' | 'close' | 'unknown' | 'not'

/** One scheme's answer in a party's list; the reasons are asked for one by one. */
export interface PartyAnswer {
  scheme: string
  title: string
  cite: string
  document: string
  number?: string
  office?: string
  group: Group
  answer: Answer
  standing: Standing
  performance?: number
  amount: Amount
  potential: Amount
  verified: boolean
  disputed: boolean
  missing: Need[]
  gaps: Gap[]
  changes_on: string
}

/** A scheme's answer that a new fact has changed. */
export interface Change {
  scheme: string
  title: string
  before?: Outcome | null
  after?: Outcome | null
}

export interface Outcome {
  answer: Answer
  amount: Amount
}

export interface FullAnswer {
  title: string
  cite: string
  document: string
  office: string
  result: Result
}

/** What is sent to state a fact. */
export interface Statement {
  term: string
  year?: number
  value?: string
  record?: { from?: string; until?: string; fields?: Record<string, string> }
  evidence: string
}
