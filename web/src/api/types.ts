// The shapes of the JSON API that more than one page uses.

export type Answer = 'met' | 'unmet' | 'unknown' | 'manual' | 'not_applicable'
export type Standing = 'in_force' | 'upcoming' | 'expired'
export type AmountKind = 'none' | 'exact' | 'ceiling' | 'range' | 'manual'

/** Money in fen (1 元 = 100 fen) with its modality. */
export interface Amount {
  kind: AmountKind
  low: number
  high: number
  open: boolean
  cut_by?: string
  text: string
}

export interface Source {
  id?: string
  origin?: string
  evidence?: string
  verified: boolean
  disputed?: boolean
  stated?: string
}

export interface FactRef {
  key: string
  label: string
  value: string
  source: Source
}

export interface Interpretation {
  choice: string
  by: string
  status: string
}

export interface Gap {
  condition: string
  short: string
  moves: string[] | null
}

/** One condition of a scheme: answered in Result.reasons, only described in Description.conditions. */
export interface ReasonNode {
  kind: string
  answer: Answer
  text?: string
  read: string
  cite?: string
  actual?: string
  threshold?: string
  gap?: Gap
  facts?: FactRef[]
  office?: string
  interpretation?: Interpretation
  children?: ReasonNode[]
}

export interface Need {
  key: string
  label: string
  term: string
  year?: number
  type: string
  unit?: string
  options?: string[]
  help?: string
  office?: string
  schemes?: string[]
}

/** The answer of one scheme for one party. */
export interface Result {
  scheme: string
  answer: Answer
  standing: Standing
  performance: number
  amount: Amount
  potential: Amount
  verified: boolean
  disputed: boolean
  missing: Need[] | null
  gaps: Gap[] | null
  changes_on: string
  reasons?: ReasonNode
  working?: string[]
}

export interface DocumentInfo {
  id: string
  title: string
  number: string
  number_known: boolean
  body: string
  level: string
  url?: string
  signed: string
  published: string
  in_force: string
  valid_until: string
  replaced: string
  replaced_by?: string
  performance?: number
  notes: Interpretation[] | null
}

export interface ExampleView {
  comment: string
  given: string[] | null
  expect: string[] | null
}

/** A scheme as a person reads it, without a party. */
export interface Description {
  id: string
  title: string
  document: DocumentInfo
  cite: string
  office: string
  for: string
  kind: string
  text?: string
  gives: string[] | null
  conditions?: ReasonNode
  limits: string[] | null
  valid?: string
  interpretations: Interpretation[] | null
  examples: ExampleView[] | null
  ceiling: boolean
  uses: Need[] | null
  succeeds?: string
  succeeded_by?: string
}

export interface About {
  id: string
  name: string
  today: string
  departments: string[]
  towns: string[]
  industries: string[]
  sizes: string[]
  demo: boolean
  notice: string
}

export type Role = 'firm' | 'officer' | 'administrator' | 'auditor'

export interface Grant {
  role: Role
  department?: string
  town?: string
  party?: string
}

export interface Actor {
  name: string
  login: string
  grants: Grant[]
}
