import { describe, expect, it } from 'vitest'
import { fenOf } from './money'

describe('fenOf', () => {
  // Mutation: parse as a float and multiply → 1.005 or 0.29 turn red.
  it.each([
    ['4500', 450000], ['4,500.5', 450050], ['12.34', 1234], ['0.29', 29], ['１２元', 1200], ['0', 0], ['999999999999.99', 99999999999999],
  ])('%s is %d fen', (text, fen) => expect(fenOf(text)).toBe(fen))
  it.each(['', '1.005', '-3', '1e5', '万', '1.2.3', '１０００００００００００００'])('%s is no sum', (text) => expect(fenOf(text)).toBeUndefined())
})
