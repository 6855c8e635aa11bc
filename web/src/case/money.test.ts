import { describe, expect, it } from 'vitest'
import { fenOf, partWords } from './money'

describe('fenOf', () => {
  // Mutation: parse as a float and multiply → 1.005 or 0.29 turn red.
  it.each([
    ['4500', 450000], ['4,500.5', 450050], ['12.34', 1234], ['0.29', 29], ['１２元', 1200], ['0', 0], ['999999999999.99', 99999999999999],
  ])('%s is %d fen', (text, fen) => expect(fenOf(text)).toBe(fen))
  it.each(['', '1.005', '-3', '1e5', '万', '1.2.3', '１０００００００００００００'])('%s is no sum', (text) => expect(fenOf(text)).toBeUndefined())
})

it('what an instalment waits for is said in words', () => {
  expect(partWords({ state: 'waiting', milestone: '竣工' })).toBe('等待“竣工”')
  expect(partWords({ state: 'waiting', milestone: '次年', due: '2027-01-01' })).toBe('2027年1月1日起可付')
  expect(partWords({ state: 'due' })).toBe('已到期，待编入付款批次')
  expect(partWords({ state: 'batched' })).toBe('已编入付款批次')
  expect(partWords({ state: 'paid', paid_on: '2026-11-23' })).toBe('已付，2026年11月23日到账')
})
