// The shapes of a party's record: who it is, its facts, and its answers.

import type { Amount, Answer, Explanation, Gap, Left, Need, Result, Standing } from '@/api/types'

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

/** A party's objection to a fact about it, and how it ended. */
export interface Dispute {
  id: string
  fact: Fact
  party: Party
  reason: string
  state: 'open' | 'upheld' | 'corrected'
  opened_at: string
  opened_by: string
  decision?: string
  resolved_at?: string
  resolved_by?: string
  correction?: string
  /** Whoever asks may resolve it. */
  mine: boolean
}

interface FactRecord {
  /** Its own number, which identifies it: a certificate, a patent. */
  number?: string
  from?: string
  until?: string
  fields?: Record<string, string> | null
}

/** One thing that somebody said of a party. A newer one supersedes it; nothing is overwritten. */
export interface Fact {
  /** Which of the party's things (its project) it is said of. */
  thing?: string
  id: string
  party: string
  /** A term or a kind of record of the vocabulary, or received:SCHEME. */
  term: string
  period?: string
  /** Canonical: 99900000元. */
  value?: string
  /** As a reader expects it: 9990万元. */
  shown?: string
  record?: FactRecord | null
  /** The department that says so, or 企业申报. */
  source: string
  evidence?: string
  verified: boolean
  withdrawn?: boolean
  disputed?: boolean
  stated_at: string
  stated_by: string
  verified_by?: string
  supersedes?: string
  superseded_by?: string
  /** The day of an award received. */
  on?: string
}

type Group = 'due' | 'close' | 'unknown' | 'not'

/** A scheme in a list. */
export interface Lite {
  id: string
  title: string
  document: { id: string; title: string; number: string; number_known: boolean; body: string; level: string }
  cite: string
  office: string
  for: string
  kind: string
  gives: string[]
  ceiling: boolean
  standing: Standing
  published: string
  tags: string[]
}

/** Where a party stands with one scheme; the reasons are asked for one by one. */
export interface Standpoint {
  scheme: Lite
  group: Group
  answer: Answer
  performance: number
  amount: Amount
  potential: Amount
  /** What the party's own limits leave of the amount. */
  left?: Left
  gaps: Gap[]
  missing: Need[]
  /** What would help most, one sentence. */
  next: string
  verified: boolean
  disputed: boolean
  changes_on: string
}

/** Sums over schemes in force, in fen; ceilings are never added to what is owed. */
interface Totals {
  owed: number
  ceiling: number
  potential: number
}

/** A party's answers, and the missing facts in the order that decides most. */
export interface Standpoints {
  party: string
  on: string
  items: Standpoint[]
  ask: Need[]
  total: Totals
}

/** A scheme's answer that a new fact has changed. */
export interface Change {
  scheme: string
  title: string
  before?: Outcome | null
  after?: Outcome | null
}

interface Outcome {
  answer: Answer
  amount: Amount
  left?: Left
}

/** One scheme's answer with its reasons. */
export interface Explained {
  party: string
  on: string
  scheme: Lite
  group: Group
  next: string
  result: Result
  explanation: Explanation
}

/** What is sent to state a fact. */
export interface Statement {
  /** Which of the party's things (its project) it is said of. */
  thing?: string
  term: string
  year?: number
  value?: string
  record?: { number?: string; from?: string; until?: string; fields?: Record<string, string> }
  on?: string
  evidence?: string
  /** The fact that this one corrects. */
  replaces?: string
  withdraw?: boolean
}
