// Publishing policy files: what the server says of them, and a proposal while it is being made.

import type { components } from '@/api/schema'

type S = components['schemas']

export type Published = S['SchemesPublished']
export type PublishedFile = S['SchemesPublishedFile']
export type Inspection = S['SchemesInspection']
export type Flaw = S['SchemesFlaw']
export type Compared = S['SchemesCompared']
export type Change = S['Difference']
export type DiffLine = S['SchemesDiffLine']
export type Draft = S['SchemesDraft']
export type Edition = S['SchemesEdition']
export type FileShown = S['SchemesFileShown']
export type Year = S['SchemesYear']
export type YearDay = S['SchemesYearDay']
export type YearChange = S['SchemesYearChange']
export type Years = S['SchemesYears']

export const changeWords: Record<Compared['change'], string> = { added: '新增', changed: '更新', removed: '撤下' }

/** changesOf puts the sentences of one scheme, document or process together, in the order they come. */
export function changesOf(list: Change[]): { id: string; title: string; list: Change[] }[] {
  const out: { id: string; title: string; list: Change[] }[] = []
  for (const c of list) {
    const last = out.at(-1)
    if (last?.id === c.id) last.list.push(c)
    else out.push({ id: c.id, title: c.title, list: [c] })
  }
  return out
}

export const draftWords: Record<Draft['state'], string> = { draft: '待核准', published: '已发布', returned: '已退回', withdrawn: '已撤回' }

/** originWords says where a version came from when no person at the desk brought it. */
function originWords(origin: string): string {
  if (origin === 'seed') return '随程序装入'
  return origin.startsWith('tenant:') ? '上级下发' : ''
}

/** publishedBy names who published and who approved. */
export function publishedBy(e: { origin?: string; published_by: string; approved_by: string }): string {
  const from = originWords(e.origin ?? '')
  if (from) return from
  return e.approved_by ? `${e.published_by}提出，${e.approved_by}核准` : `${e.published_by}发布`
}

/** A row of two texts side by side; a gap stands for lines that are not shown. */
interface DiffRow {
  before?: DiffLine
  after?: DiffLine
  gap?: boolean
}

/** rowsOf puts what was removed beside what took its place. */
export function rowsOf(lines: DiffLine[]): DiffRow[] {
  const rows: DiffRow[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  let last = 0
  const flush = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) rows.push({ before: removed[i], after: added[i] })
    removed = []
    added = []
  }
  for (const l of lines) {
    const at = l.old ?? 0
    if (at && last && at > last + 1) {
      flush()
      rows.push({ gap: true })
    }
    if (at) last = at
    if (l.mark === 'removed') {
      if (added.length) flush()
      removed.push(l)
    } else if (l.mark === 'added') added.push(l)
    else {
      flush()
      rows.push({ before: l, after: l })
    }
  }
  flush()
  return rows
}

/** A file of a proposal that is being made. */
export interface Item {
  path: string
  /** What an uploaded file is called where it came from. */
  name?: string
  /** What was uploaded, byte for byte, while nobody edited it. */
  file?: Blob
  /** Its text, once it was opened. */
  text?: string
  /** It came with CRLF: an editor shows and gives LF. */
  crlf?: boolean
}

/** bodyOf is what is sent of a file: the bytes that were uploaded, or the text as it was edited. */
export function bodyOf(item: Item): Blob {
  if (item.file) return item.file
  const text = item.text ?? ''
  return new Blob([item.crlf ? text.replace(/\r?\n/g, '\r\n') : text], { type: 'application/yaml' })
}

/** formOf writes a proposal as the server reads it. */
export function formOf(base: string, items: Item[], remove: string[], note = ''): FormData {
  const form = new FormData()
  form.set('base', base)
  form.set('note', note)
  for (const i of items) {
    form.append('file', bodyOf(i), nameOf(i.path))
    form.append('path', i.path)
  }
  for (const p of remove) form.append('remove', p)
  return form
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** placeOf guesses where an uploaded file belongs: where a published file of that name lies, else the tenant's own level. */
export function placeOf(name: string, published: string[], own: string): string {
  const same = published.filter((p) => nameOf(p) === name)
  return same.find((p) => folderOf(p) === own) ?? (same.length === 1 ? same[0]! : `${own}/${name}`)
}

/** quoteOf is a line around a column: what stands before, the word there, and what follows. Long lines are cut to what is near. */
export function quoteOf(text: string, column: number): [string, string, string] {
  const chars = Array.from(text)
  const at = Math.min(Math.max(0, column - 1), chars.length)
  const word = /^[^\s,，:：{}[\]"']+/.exec(chars.slice(at).join(''))?.[0] ?? chars[at] ?? ''
  const rest = chars.slice(at + Array.from(word).length)
  const from = chars.length > 120 && at > 50 ? at - 40 : 0
  const before = (from ? '…' : '') + chars.slice(from, at).join('')
  const after = rest.slice(0, 80).join('') + (rest.length > 80 ? '…' : '')
  return [from ? before : before.trimStart(), word, after]
}

/** yearOutline is the file of a year's days off before anything is known of them: what is missing is refused by the check, line by line. */
export function yearOutline(year: number): string {
  return `calendar: ${year}
source:
  title: 国务院办公厅关于${year}年部分节假日安排的通知
  number:
  body: 国务院办公厅
  published:
  url:
holidays:
${['元旦', '春节', '清明节', '劳动节', '端午节', '中秋节', '国庆节'].map((name) => `  ${name}: {days_off: , workdays: []}\n`).join('')}`
}

/** A month of a year as a calendar shows it: weeks from Monday, with gaps before the first and after the last day. */
export interface Month {
  year: number
  month: number
  weeks: (Cell | undefined)[][]
}

export interface Cell {
  day: number
  date: string
  rests: boolean
  told?: YearDay
}

const two = (n: number): string => String(n).padStart(2, '0')

/** monthsOf lays out a year; the December before stands first when the year's notice moves days of it. */
export function monthsOf(y: Pick<Year, 'year' | 'days'>): Month[] {
  const told = new Map(y.days.map((d) => [d.day, d]))
  const months: [number, number][] = Array.from({ length: 12 }, (_, i) => [y.year, i + 1])
  if (y.days.some((d) => d.day.startsWith(`${y.year - 1}-`))) months.unshift([y.year - 1, 12])
  return months.map(([year, month]) => {
    const cells: (Cell | undefined)[] = Array.from({ length: (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7 })
    for (let day = 1, last = new Date(Date.UTC(year, month, 0)).getUTCDate(); day <= last; day++) {
      const date = `${year}-${two(month)}-${two(day)}`
      cells.push({ day, date, rests: cells.length % 7 > 4, told: told.get(date) })
    }
    while (cells.length % 7) cells.push(undefined)
    return { year, month, weeks: Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7)) }
  })
}

const kindWords: Record<string, string> = { off: '放假', work: '上班' }

/** kindOf says what a day is: where nothing is said of it, what its weekday is. */
export function kindOf(date: string, kind: string): string {
  return kindWords[kind] ?? ([0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay()) ? '周末休息' : '照常上班')
}

export const weekdayOf = (date: string): string => `周${'日一二三四五六'[new Date(`${date}T00:00:00Z`).getUTCDay()]}`
