import { expect, test } from 'vitest'
import { shown, signed, verdict, wan, written } from './trial'

test('a literal is shown as an officer writes it, and goes back as the file takes it', () => {
  for (const [file, officer] of [
    ['up to 500元', '最高500元'],
    ['3‰ to 6‰', '3‰至6‰'],
    ['10%', '10%'],
    ['30万元', '30万元'],
    ['省级', '省级'],
  ] as const) {
    expect(shown(file)).toBe(officer)
    expect(written(officer)).toBe(file)
  }
  expect(written(' 8％ ')).toBe('8%')
  expect(written('最高 20万元')).toBe('up to 20万元')
})

test('what is left of a budget, and what goes beyond it', () => {
  expect(verdict(250_000_00, 205_000_00)).toBe('结余 4.5万元')
  expect(verdict(250_000_00, 250_000_00)).toBe('结余 0元')
  expect(verdict(250_000_00, 250_000_01)).toBe('超出 0.01元')
  expect(verdict(0, 1_000_00)).toBe('超出 1,000元')
})

test('a difference bears its sign, and an axis is in 万 or 亿', () => {
  expect([signed(4_500_00), signed(0), signed(-10_000_00)]).toEqual(['+4,500元', '0元', '-1万元'])
  expect([wan(0), wan(1_234_567_89), wan(-9_999_000_000_00), wan(-10_000_000_000_00)]).toEqual(['0万', '123万', '-999,900万', '-100亿'])
})
