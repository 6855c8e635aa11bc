import { expect, test } from 'vitest'
import { sumOf } from './sum'

test('points are added exactly', () => {
  expect(sumOf(['0.1', '0.2'])).toBe('0.3')
  expect(sumOf(['50', '30.5'])).toBe('80.5')
  expect(sumOf(['60', '40'])).toBe('100')
  expect(sumOf(['0', '0'])).toBe('0')
  expect(sumOf([])).toBe('0')
})

test('nothing is said of the sum while something is missing', () => {
  for (const wrong of ['', '-1', '1e3', '五', '1.', '1.23456']) expect(sumOf(['1', wrong])).toBeUndefined()
})
