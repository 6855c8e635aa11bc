// A party's facts, put where a reader looks for them.

import { formatDate } from '@/format/date'
import { locale } from '@/i18n'
import type { Spec } from './spec'
import type { Fact, Party, RecordKind, Term, Vocabulary } from './types'
import { showValue } from './value'
import { w } from './words'

/** The source of what a firm says of itself. */
export const DECLARED = '企业申报'

/** Whom the figures of the whole place are about: every party reads them. */
export const REGION = 'region'
export const regionParty = (): Party => ({ id: REGION, kind: '地区', code: '', name: '本地区', town: '', industry: '', size: '' })

/** Rows of one yearly term, of one thing (project) where it is named: the current facts of each year, newest year first. */
interface YearlyRow {
  term: Term
  thing: string
  years: Map<string, Fact[]>
}

interface TermRow {
  term: Term
  thing: string
  facts: Fact[]
}

interface RecordRow {
  kind: RecordKind
  facts: Fact[]
}

interface FactBook {
  years: string[]
  yearly: YearlyRow[]
  single: TermRow[]
  records: RecordRow[]
  received: Fact[]
  /** Facts whose term the vocabulary no longer knows: never hidden. */
  other: Fact[]
}

const VERIFIED_FIRST = (a: Fact, b: Fact): number =>
  Number(b.verified) - Number(a.verified) || (a.stated_at < b.stated_at ? 1 : -1)

/** bookOf groups current facts by subject and year in the order of the vocabulary. */
export function bookOf(facts: Fact[], vocabulary: Vocabulary): FactBook {
  const byTerm = new Map<string, Fact[]>()
  for (const f of facts) byTerm.set(f.term, [...(byTerm.get(f.term) ?? []), f])
  const take = (name: string): Fact[] => {
    const found = (byTerm.get(name) ?? []).sort(VERIFIED_FIRST)
    byTerm.delete(name)
    return found
  }
  const book: FactBook = { years: [], yearly: [], single: [], records: [], received: [], other: [] }
  const years = new Set<string>()
  for (const term of vocabulary.terms) {
    const found = take(term.name)
    if (!found.length) continue
    for (const thing of [...new Set(found.map((f) => f.thing ?? ''))].sort()) {
      const own = found.filter((f) => (f.thing ?? '') === thing)
      if (!term.every) {
        book.single.push({ term, thing, facts: own })
        continue
      }
      const row: YearlyRow = { term, thing, years: new Map() }
      for (const f of own) {
        const year = f.period ?? ''
        years.add(year)
        row.years.set(year, [...(row.years.get(year) ?? []), f])
      }
      book.yearly.push(row)
    }
  }
  for (const kind of vocabulary.records) {
    const found = take(kind.name)
    if (found.length) book.records.push({ kind, facts: found.sort((a, b) => ((a.record?.from ?? '') < (b.record?.from ?? '') ? 1 : -1)) })
  }
  for (const [name, found] of byTerm) {
    if (name.startsWith('received:')) book.received.push(...found)
    else book.other.push(...found)
  }
  book.years = [...years].sort().reverse()
  return book
}

/** contradicts says that facts of one term and period, of the same standing, do not agree. */
export function contradicts(facts: Fact[]): boolean {
  const top = facts.some((f) => f.verified) ? facts.filter((f) => f.verified) : facts
  return new Set(top.map((f) => f.value)).size > 1
}

/** saidOf is what a fact says, for a reader: 9,990万元, or a record's fields. */
export function saidOf(f: Fact, spec: Pick<Spec, 'shape' | 'unit' | 'fields'>): string {
  if (spec.shape !== 'record') return f.value ? showValue(f.value, spec.unit) : (f.shown ?? '')
  const parts = spec.fields
    .filter((x) => f.record?.fields?.[x.name])
    .map((x) => `${x.name} ${showValue(f.record?.fields?.[x.name] ?? '', x.unit)}`)
  if (f.record?.number) parts.push(`${w('facts.number')} ${f.record.number}`)
  return parts.join('，')
}

/** spanOf is when a record holds, or when an award was received. */
export function spanOf(f: Fact): string {
  if (f.on) return formatDate(f.on, locale.value)
  const { from, until } = f.record ?? {}
  if (!from && !until) return ''
  return `${from ? formatDate(from, locale.value) : '…'} — ${until ? formatDate(until, locale.value) : w('facts.always')}`
}
