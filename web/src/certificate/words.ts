import { formatDate } from '@/format/date'
import type { State } from './api'

export const states: Record<State, string> = { valid: '有效', suspended: '暂停', expired: '已届满', revoked: '已吊销', surrendered: '已注销' }

/** stateOf is a state as a filter names it; undefined for no choice. */
export function stateOf(label: string): State | undefined {
  return (Object.keys(states) as State[]).find((s) => states[s] === label)
}

/** until is the last day, or that there is none. */
export function until(date: string | undefined): string {
  return date ? formatDate(date) : '长期'
}

/** daysLeft is how many days lie between today and a last day; negative when it is past. */
export function daysLeft(today: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(today)) / 86_400_000)
}

/** soon says how near the end is, when it is near enough to say so. */
export function soon(today: string, c: { state: State; stands_until: string; renewal?: string }): string {
  if (c.state !== 'valid' || !c.stands_until || c.renewal) return ''
  const days = daysLeft(today, c.stands_until)
  return days >= 0 && days <= 180 ? `还有${days}日届满` : ''
}

export const spans: readonly (readonly [string, string])[] = [['30', '30日内'], ['60', '60日内'], ['90', '90日内'], ['180', '180日内'], ['365', '一年内']]
