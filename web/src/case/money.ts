// Money as people type it at the desk: yuan, exact to the fen.
import { formatDate } from '@/format/date'

/** fenOf reads 4500, 4,500.5 or 12.34 as fen; undefined when it is no sum, or has more than two places. */
export function fenOf(text: string): number | undefined {
  const tidy = text.normalize('NFKC').replace(/[,\s]/g, '').replace(/元$/, '')
  const m = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(tidy)
  if (!m) return undefined
  return Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0') || '0')
}

/** partWords says in words where an instalment stands, and when it may be paid. */
export function partWords(p: { state: string; due?: string; milestone?: string; paid_on?: string }): string {
  switch (p.state) {
    case 'paid':
      return `已付${p.paid_on ? `，${formatDate(p.paid_on)}到账` : ''}`
    case 'batched':
      return '已编入付款批次'
    case 'due':
      return '已到期，待编入付款批次'
    default:
      return p.due ? `${formatDate(p.due)}起可付` : `等待“${p.milestone}”`
  }
}
