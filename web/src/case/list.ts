// The rows of a list that a party fills in: from the form to statements and back.

import type { components } from '@/api/schema'
import type { Draft } from './api'

type FormList = components['schemas']['CaseworkFormList']
type Statement = Draft['statements'][number]

/** Row is what was typed in a row, without units, by field. */
export type Row = Record<string, string>

/** rowsOf are the rows of a list among the statements of a draft, as they were typed. */
export function rowsOf(list: FormList, statements: Statement[]): Row[] {
  return statements
    .filter((s) => s.term === list.key)
    .map((s) =>
      Object.fromEntries(
        list.fields.map((f) => {
          const text = s.record?.fields?.[f.name] ?? ''
          return [f.name, f.unit && text.endsWith(f.unit) ? text.slice(0, -f.unit.length) : text]
        }),
      ),
    )
}

/** statementsOf are the statements of a draft with the rows of a list in place of those it had; rows without a word are left out. */
export function statementsOf(list: FormList, rows: Row[], statements: Statement[]): Statement[] {
  const stated = rows
    .map((row) => Object.fromEntries(list.fields.map((f) => [f.name, (row[f.name] ?? '').trim()] as const).filter(([, text]) => text)))
    .filter((fields) => Object.keys(fields).length)
    .map((fields) => {
      const units = Object.fromEntries(list.fields.filter((f) => f.unit && fields[f.name]).map((f) => [f.name, fields[f.name] + f.unit!]))
      return { term: list.key, record: { fields: { ...fields, ...units } } }
    })
  return [...statements.filter((s) => s.term !== list.key), ...stated]
}

/** pasted are the rows of a block of cells from a workbook; none when the text is a single word. A heading, which has no figure where one belongs, is left out. */
export function pasted(list: FormList, text: string): Row[] {
  if (!/[\t\n]/.test(text.trim())) return []
  const figure = list.fields.findIndex((f) => f.type === 'number')
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((c) => c.trim()))
    .filter((cells) => cells.some(Boolean) && (figure < 0 || !cells[figure] || /\d/.test(cells[figure])))
    .map((cells) =>
      Object.fromEntries(
        list.fields.map((f, i) => {
          const cell = f.type === 'number' ? (cells[i] ?? '').replaceAll(',', '') : (cells[i] ?? '')
          return [f.name, f.unit && cell.endsWith(f.unit) ? cell.slice(0, -f.unit.length) : cell]
        }),
      ),
    )
}
