// Which fields the calculator shows, and what they are.
import type { Need } from '@/api/types'
import type { Calculation, Words as AllWords } from '@/api/portal'

/**
 * fieldsToShow keeps what is already on the page in its place, drops what is no longer asked,
 * and fills up with the facts that decide most until `open` unanswered fields are shown.
 * What is answered never moves; while somebody is typing nothing does. Otherwise the unanswered places follow the order asked.
 */
export function fieldsToShow(
  shown: string[],
  answered: string[],
  skipped: string[],
  asked: string[],
  open: number,
  focused = '',
): string[] {
  const has = new Set(answered)
  const gone = new Set(skipped)
  const wanted = new Set(asked)
  const kept = shown.filter((k) => has.has(k) || k === focused || (wanted.has(k) && !gone.has(k)))
  for (const k of answered) if (!kept.includes(k)) kept.push(k)
  let free = open - kept.filter((k) => !has.has(k)).length
  for (const k of asked) {
    if (free <= 0) break
    if (kept.includes(k) || gone.has(k)) continue
    kept.push(k)
    free--
  }
  if (focused) return kept
  const rank = (k: string): number => {
    const i = asked.indexOf(k)
    return i < 0 ? asked.length : i
  }
  const waiting = kept.filter((k) => !has.has(k)).sort((a, b) => rank(a) - rank(b))
  return kept.map((k) => (has.has(k) ? k : waiting.shift()!))
}

/** What of the vocabulary a form needs. */
export type Words = {
  terms: Pick<AllWords['terms'][number], 'name' | 'english' | 'type' | 'unit' | 'options' | 'help' | 'from'>[]
  records: Pick<AllWords['records'][number], 'name' | 'english' | 'help' | 'from' | 'fields'>[]
}

/** needOf says what a key of a link is when nothing asks for it any more; without vocabulary it is a text. */
export function needOf(key: string, words: Words | undefined): Need {
  if (key.startsWith('received(')) return { key, label: key, term: key, type: 'number', unit: '元' }
  const [name = key, year = ''] = key.split('@')
  const term = words?.terms.find((x) => x.name === name)
  if (term)
    return {
      key,
      label: (year ? `${year}年` : '') + term.name,
      term: term.name,
      type: term.type,
      unit: term.unit,
      options: term.options,
      help: term.help,
      office: term.from,
    }
  const [kind = key, column = ''] = key.split('.')
  const record = words?.records.find((x) => x.name === kind)
  if (record) {
    const field = record.fields.find((x) => x.name === column)
    if (field)
      return { key, label: `${kind}(${column})`, term: kind, type: field.type, unit: field.unit, options: field.options, help: record.help, office: record.from }
    return { key, label: kind, term: kind, type: 'record', help: record.help, office: record.from }
  }
  return { key, label: key.replace('@', ' '), term: name, type: 'text' }
}

/** englishOf is the English name of a need as the vocabulary has it: operating revenue, 2025. */
export function englishOf(need: Need, words: Words | undefined): string {
  const name = [...(words?.terms ?? []), ...(words?.records ?? [])].find((x) => x.name === need.term)?.english ?? ''
  const year = need.year ?? Number(need.key.split('@')[1])
  return name && year ? `${name}, ${year}` : name
}

type Group = 'due' | 'judge' | 'close' | 'unknown' | 'not' | 'past'

const groups: Group[] = ['due', 'judge', 'close', 'unknown', 'not', 'past']

/** How many failing conditions still count as close, if one figure alone closes each; a firm's page has the same rule. */
const CLOSE = 2

function isClose(r: Calculation['result']): boolean {
  const gaps = r.gaps ?? []
  return gaps.length > 0 && gaps.length <= CLOSE && gaps.every((g) => g.moves?.length)
}

/** groupOf sorts an answer into what a visitor does next. */
export function groupOf(c: Calculation): Group {
  const r = c.result
  if (r.standing !== 'in_force') return 'past'
  switch (r.answer) {
    case 'met':
      return 'due'
    case 'manual':
      return 'judge'
    case 'unknown':
      return 'unknown'
    case 'unmet':
      return isClose(r) ? 'close' : 'not'
    default:
      return 'not'
  }
}

function money(a: { kind: string; high: number; open: boolean }): number {
  return a.kind === 'none' || a.open ? 0 : a.high
}

/** byGroup sorts all answers: within a group most money first, among the close ones fewest gaps first. */
export function byGroup(results: Calculation[]): Map<Group, Calculation[]> {
  const out = new Map<Group, Calculation[]>()
  for (const g of groups) {
    const members = results.filter((c) => groupOf(c) === g)
    if (!members.length) continue
    members.sort((a, b) => {
      if (g === 'close') {
        const gaps = (a.result.gaps?.length ?? 0) - (b.result.gaps?.length ?? 0)
        if (gaps) return gaps
      }
      const m = money(b.result.amount) - money(a.result.amount) || money(b.result.potential) - money(a.result.potential)
      return m || a.scheme.id.localeCompare(b.scheme.id)
    })
    out.set(g, members)
  }
  return out
}
