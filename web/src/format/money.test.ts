import { describe, expect, it } from 'vitest'
import cases from '../../../policy/testdata/money.json'
import { formatDate, formatDay, formatTime } from './date'
import { formatMoney } from './money'

describe('formatMoney', () => {
  // Mutation: drop the separators, or write 万 with two places only → red.
  it.each(cases as [number, string][])('writes %i fen as %s, as the server does', (fen, text) => {
    expect(formatMoney(fen)).toBe(text)
  })

  it('writes yuan in full in English', () => {
    expect(formatMoney(30_000_000, 'en')).toBe('CNY 300,000')
    expect(formatMoney(10, 'en')).toBe('CNY 0.10')
    expect(formatMoney(-123_456, 'en')).toBe('-CNY 1,234.56')
  })
})

describe('dates', () => {
  it('writes a day in words', () => {
    expect(formatDate('2025-09-17')).toBe('2025年9月17日')
    expect(formatDate('2025-09-17', 'en')).toBe('2025-09-17')
    expect(formatDate('2022-07')).toBe('2022年7月')
    expect(formatDate('2022')).toBe('2022年')
    expect(formatDate('2022-07', 'en')).toBe('2022-07')
    expect(formatDate('2022-7')).toBe('')
    expect(formatDate('')).toBe('')
    expect(formatDate(undefined)).toBe('')
  })

  it("writes a moment in the county's time", () => {
    expect(formatTime('2026-11-22T17:45:44.123456Z')).toBe('2026-11-23 01:45')
    expect(formatTime('')).toBe('')
    expect(formatDay('2026-11-22T17:45:44.123456Z')).toBe('2026-11-23')
    expect(formatDay(undefined)).toBe('')
  })
})
