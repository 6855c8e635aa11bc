// What a form asks for one fact, and what it sends.

import type { Need } from '@/api/types'
import { isNumber, tidyNumber, unitChoices } from '@/calculator/quantity'
import { splitNumber } from './value'
import type { Fact, FieldSpec, RecordKind, Statement, Term, Vocabulary } from './types'
import { w } from './words'

type Shape = 'number' | 'bool' | 'word' | 'date' | 'record' | 'received' | 'judgement'

/** Spec is one fact that can be asked for. */
export interface Spec {
  term: string
  label: string
  shape: Shape
  unit: string
  options: string[]
  help: string
  /** Who vouches for it, or judges it. */
  office: string
  /** What kind of thing of the party's it is said of (a project), where there may be several; empty: the party itself. */
  of: string
  /** Whether the fact is of one year. */
  yearly: boolean
  year?: number
  fields: FieldSpec[]
}

/** Draft is a form's state, all of it text. */
export interface Draft {
  /** Which of the party's things it is said of; empty: none is named. */
  thing: string
  year: string
  number: string
  unit: string
  choice: string
  date: string
  /** A record's own number. */
  serial: string
  from: string
  until: string
  fields: Record<string, string>
  evidence: string
}

export type DraftErrors = Record<string, string>

const RECEIVED = 'received:'

const PARTIES = ['', '企业', '个人', '组织', '地区']

export const ofWhat = (kind = ''): string => (PARTIES.includes(kind) ? '' : kind)

function shapeOf(type: string): Shape {
  if (type === 'number' || type === 'bool' || type === 'date' || type === 'judgement') return type
  return 'word'
}

export function specOfTerm(term: Term, year?: number): Spec {
  return {
    term: term.name,
    label: term.label || term.name,
    shape: shapeOf(term.type),
    unit: term.unit ?? '',
    options: term.options ?? [],
    help: term.help ?? '',
    office: term.from ?? '',
    of: ofWhat(term.of),
    yearly: !!term.every,
    year,
    fields: [],
  }
}

export function specOfRecord(kind: RecordKind): Spec {
  return {
    term: kind.name,
    label: kind.name,
    shape: 'record',
    unit: '',
    options: [],
    help: kind.help ?? '',
    office: kind.from ?? '',
    of: ofWhat(kind.of),
    yearly: false,
    fields: kind.fields ?? [],
  }
}

/** specOfNeed is the field for a fact that an answer misses; the vocabulary knows a record's fields, the need its wording. */
export function specOfNeed(need: Need, vocabulary: Vocabulary): Spec {
  const kind = vocabulary.records.find((r) => r.name === need.term)
  const term = vocabulary.terms.find((t) => t.name === need.term)
  const asked = { label: need.label, help: need.help || kind?.help || term?.help || '', office: need.office || kind?.from || term?.from || '' }
  if (need.type === 'judgement') return { ...blank(need), ...asked, shape: 'judgement' }
  if (kind) return { ...specOfRecord(kind), ...asked }
  if (term) return { ...specOfTerm(term, need.year || undefined), ...asked }
  if (need.key.startsWith('received(')) {
    return { ...blank(need), ...asked, term: RECEIVED + need.key.slice('received('.length, -1), shape: 'received', unit: '元' }
  }
  return { ...blank(need), ...asked }
}

function blank(need: Need): Spec {
  return {
    term: need.term,
    label: need.label,
    shape: shapeOf(need.type),
    unit: need.unit ?? '',
    options: need.options ?? [],
    help: need.help ?? '',
    office: need.office ?? '',
    of: '',
    yearly: !!need.year,
    year: need.year || undefined,
    fields: [],
  }
}

export function emptyDraft(spec: Spec): Draft {
  return {
    thing: '',
    year: spec.year ? String(spec.year) : '',
    number: '',
    unit: unitChoices(spec.unit)[0] ?? '',
    choice: '',
    date: '',
    serial: '',
    from: '',
    until: '',
    fields: Object.fromEntries(spec.fields.map((f) => [f.name, ''])),
    evidence: '',
  }
}

/** draftOfFact fills a form with what a fact says now. */
export function draftOfFact(spec: Spec, fact: Fact): Draft {
  const draft = emptyDraft(spec)
  draft.year = fact.period ?? ''
  draft.thing = fact.thing ?? ''
  if (spec.shape === 'record') {
    draft.serial = fact.record?.number ?? ''
    draft.from = fact.record?.from ?? ''
    draft.until = fact.record?.until ?? ''
    for (const f of spec.fields) {
      const text = fact.record?.fields?.[f.name] ?? ''
      draft.fields[f.name] = f.unit ? (splitNumber(text, f.unit)?.number ?? '') : text
    }
  } else if (spec.shape === 'number' || spec.shape === 'received') {
    const parts = splitNumber(fact.value ?? '', spec.unit)
    if (parts) Object.assign(draft, parts)
    draft.date = fact.on ?? ''
  } else if (spec.shape === 'date') draft.date = fact.value ?? ''
  else draft.choice = fact.value ?? ''
  return draft
}

function checkNumber(text: string): string {
  const tidy = tidyNumber(text)
  if (!tidy) return w('form.needNumber')
  return isNumber(tidy) ? '' : w('form.badNumber')
}

/** checkDraft names what is wrong before anything is sent: field → sentence. The server checks again. */
export function checkDraft(spec: Spec, draft: Draft, thisYear: number): DraftErrors {
  const errors: DraftErrors = {}
  if (spec.yearly) {
    const year = Number(draft.year)
    if (!/^\d{4}$/.test(draft.year) || year < 1990 || year > thisYear) errors.year = w('form.badYear', { year: thisYear })
  }
  switch (spec.shape) {
    case 'number':
    case 'received': {
      const problem = checkNumber(draft.number)
      if (problem) errors.value = problem
      if (spec.shape === 'received' && !draft.date) errors.on = w('form.needDate')
      break
    }
    case 'date':
      if (!draft.date) errors.value = w('form.needDate')
      break
    case 'record':
      if (!draft.from && !draft.until) errors.from = w('form.needFrom')
      if (draft.from && draft.until && draft.until < draft.from) errors.until = w('form.badUntil')
      for (const f of spec.fields) {
        const text = draft.fields[f.name] ?? ''
        if (text && f.unit && checkNumber(text)) errors[`fields.${f.name}`] = w('form.badNumber')
      }
      break
    default:
      if (!draft.choice.trim()) errors.value = w('form.needChoice')
  }
  return errors
}

/** statementOf is what is sent for a draft that checkDraft found nothing wrong with; replaces is the fact that it corrects. */
export function statementOf(spec: Spec, draft: Draft, replaces = ''): Statement {
  const statement: Statement = { term: spec.term, evidence: draft.evidence.trim() }
  if (replaces) statement.replaces = replaces
  if (spec.of && draft.thing.trim()) statement.thing = draft.thing.trim()
  if (spec.yearly) statement.year = Number(draft.year)
  switch (spec.shape) {
    case 'number':
      statement.value = tidyNumber(draft.number) + draft.unit
      break
    case 'received':
      statement.value = tidyNumber(draft.number) + draft.unit
      statement.on = draft.date
      break
    case 'date':
      statement.value = draft.date
      break
    case 'record': {
      const fields: Record<string, string> = {}
      for (const f of spec.fields) {
        const text = (draft.fields[f.name] ?? '').trim()
        if (text) fields[f.name] = f.unit ? tidyNumber(text) + (unitChoices(f.unit)[0] ?? '') : text
      }
      statement.record = {
        ...(draft.serial.trim() ? { number: draft.serial.trim() } : {}),
        ...(draft.from ? { from: draft.from } : {}),
        ...(draft.until ? { until: draft.until } : {}),
        ...(Object.keys(fields).length ? { fields } : {}),
      }
      break
    }
    default:
      statement.value = draft.choice.trim()
  }
  return statement
}

/** withdrawal takes back a fact: what it said is no longer claimed, and the history keeps it. */
export function withdrawal(spec: Spec, fact: Fact): Statement {
  return {
    term: fact.term,
    ...(spec.of && fact.thing ? { thing: fact.thing } : {}),
    ...(spec.yearly && fact.period ? { year: Number(fact.period) } : {}),
    ...(spec.shape === 'record' ? { record: { ...(fact.record?.from ? { from: fact.record.from } : {}) } } : {}),
    ...(spec.shape === 'received' && fact.on ? { on: fact.on } : {}),
    evidence: '',
    replaces: fact.id,
    withdraw: true,
  }
}

/** specOfFact is the form of an existing fact. */
export function specOfFact(fact: Fact, vocabulary: Vocabulary): Spec {
  const term = vocabulary.terms.find((t) => t.name === fact.term)
  if (term) return specOfTerm(term, fact.period ? Number(fact.period) : undefined)
  const kind = vocabulary.records.find((r) => r.name === fact.term)
  if (kind) return specOfRecord(kind)
  const received = fact.term.startsWith(RECEIVED)
  return {
    term: fact.term, label: fact.term, shape: received ? 'received' : fact.record ? 'record' : 'word', unit: received ? '元' : '', options: [], help: '',
    office: '', of: '', yearly: false, fields: Object.keys(fact.record?.fields ?? {}).map((name) => ({ name, type: 'word' })),
  }
}
