import type { State } from './api'

export const states: Record<State, string> = { draft: '拟稿', review: '待复核', sign: '待签发', issued: '已签发', delivered: '已送达', void: '已作废' }

/** stateOf is a state as a filter names it; undefined for no choice. */
export function stateOf(label: string): State | undefined {
  return (Object.keys(states) as State[]).find((s) => states[s] === label)
}

export const ways = ['直接送达', '邮寄送达', '电子送达', '留置送达', '公告送达'] as const
export type Way = (typeof ways)[number]

/** whom is what to write of who received a document that was delivered in a way. */
export function whom(way: Way): string {
  return way === '留置送达' ? '见证人' : way === '公告送达' ? '公告的地方' : '签收人'
}

const digits = '零一二三四五六七八九'

function chinese(n: number): string {
  if (n < 1 || n > 99) return String(n)
  return (n >= 20 ? digits[Math.floor(n / 10)] : '') + (n >= 10 ? '十' : '') + (n % 10 ? digits[n % 10] : '')
}

/** numbered gives paragraphs their headings' numbers, as the file has them: 一、（一）1.（1）. */
export function numbered<T extends { level: number; text: string }>(list: readonly T[]): (T & { before: string })[] {
  const counts = [0, 0, 0, 0, 0]
  return list.map((p) => {
    if (p.level < 1 || p.level > 4) return { ...p, before: '' }
    counts[p.level]!++
    counts.fill(0, p.level + 1)
    const n = counts[p.level]!
    return { ...p, before: ['', `${chinese(n)}、`, `（${chinese(n)}）`, `${n}.`, `（${n}）`][p.level]! }
  })
}
