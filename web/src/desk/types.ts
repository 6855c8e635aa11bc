// The shapes that only the desk uses.

import type { components } from '@/api/schema'
import type { Amount, Answer, Left } from '@/api/types'
import type { Lite, Party } from '@/record/types'

/** One version of what an account may do. */
export type Authorization = components['schemas']['AccountAuthorization']

export const authorizationWords: Record<Authorization['state'], string> = { waiting: '待核准', approved: '已生效', returned: '已退回', withdrawn: '已撤回' }

/** A party in the registry's list. */
export interface PartyRow extends Party {
  owed?: number
  ceiling?: number
}

export interface Affected {
  party: { id: string; code: string; name: string; town: string; industry: string; size: string }
  answer: Answer
  amount: Amount
  potential: Amount
  left?: Left
  gap: string
  missing: string[]
  verified: boolean
  disputed: boolean
  changes_on: string
}

export type AffectedAnswer = 'met' | 'close' | 'unmet' | 'unknown' | 'manual'

export interface AffectedPage {
  scheme: Lite
  items: Affected[]
  total: number
  page: number
  counts: Record<AffectedAnswer, number>
  total_owed: number
  total_ceiling: number
  total_potential: number
}

export type Account = components['schemas']['Account']

export type Issued = components['schemas']['AccountIssuedPassword']

export type ImportState = 'staging' | 'staged' | 'committing' | 'committed' | 'cancelled' | 'failed'

/** A workbook on its way into the registry. */
export interface ImportView {
  id: string
  kind: string
  file_name: string
  state: ImportState
  mode?: string
  rows: number
  good: number
  bad: number
  /** Rows of parties or facts that were new. */
  written: number
  /** Statements that the registry already held. */
  unchanged: number
  /** Of total, in the present state. */
  done: number
  total: number
  failure?: string
  problems?: { field: string; message: string }[] | null
  created_at: string
  created_by: string
  ended_at?: string
  /** The same file was uploaded before: this is that import. */
  repeated?: boolean
  /** Whoever asks may commit or cancel it. */
  mine: boolean
}

interface CellProblem {
  sheet: string
  cell: string
  column?: string
  message: string
}

export interface StagedRow {
  number: number
  line: number
  state: 'good' | 'bad'
  code: string
  name: string
  says: { what: string; value: string }[]
  problems: CellProblem[]
}

export interface ImportKind {
  kind: string
  title: string
  help?: string
}

/** A source says that it has every record of a kind through a day. */
export interface Coverage {
  id: string
  kind: string
  source: string
  through: string
  evidence?: string
  stated_at: string
  stated_by: string
  /** It covers only the invented parties of a demonstration. */
  invented?: boolean
  /** A vocabulary names this source as the one that is complete. */
  counts: boolean
}

/** What may be declared complete: a kind of record and who says so. */
export interface Complete {
  kind: string
  source: string
}

export interface Coverages {
  items: Coverage[]
  kinds: Complete[]
}
