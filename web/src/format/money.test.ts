import { describe, expect, it } from 'vitest'
import { formatDate, formatTime } from './date'
import { formatMoney } from './money'

describe('formatMoney', () => {
  it.each([
    [0, '0元'],
    [10, '0.10元'],
    [450_000, '4,500元'],
    [1_000_000, '1万元'],
    [30_000_000, '30万元'],
    [1_234_567_00, '1,234,567元'],
    [12_345_00_00, '123.45万元'],
    [12_340_000_00, '1,234万元'],
    [15_000_000_000, '1.5亿元'],
    [100_000_000_00, '1亿元'],
    [-30_000_000, '-30万元'],
    [99_999_999, '999,999.99元'],
  ])('writes %i fen as %s', (fen, text) => {
    expect(formatMoney(fen)).toBe(text)
  })

  it('writes yuan in full in English', () => {
    expect(formatMoney(30_000_000, 'en')).toBe('CNY 300,000')
    expect(formatMoney(10, 'en')).toBe('CNY 0.10')
  })

  it('loses no fen for want of a round unit', () => {
    expect(formatMoney(30_000_001)).toBe('300,000.01元')
  })
})

describe('dates', () => {
  it('writes a day in words', () => {
    expect(formatDate('2025-09-17')).toBe('2025年9月17日')
    expect(formatDate('2025-09-17', 'en')).toBe('2025-09-17')
    expect(formatDate('')).toBe('')
    expect(formatDate(undefined)).toBe('')
  })

  it("writes a moment in the county's time", () => {
    expect(formatTime('2026-11-22T17:45:44.123456Z')).toBe('2026-11-23 01:45')
    expect(formatTime('')).toBe('')
  })
})
