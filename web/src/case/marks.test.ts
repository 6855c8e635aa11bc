import { describe, expect, it } from 'vitest'
import { hundredths, pointsWrong, same } from './marks'

describe('points', () => {
  it('are read to the hundredth', () => {
    expect(hundredths('2.5')).toBe(250)
    expect(hundredths('29.99分')).toBe(2999)
    expect(hundredths('0')).toBe(0)
    expect(hundredths('')).toBeUndefined()
  })
  it('are no more than the full mark', () => {
    expect(pointsWrong('', '3分')).toBe('')
    expect(pointsWrong('3', '3分')).toBe('')
    expect(pointsWrong('3.01', '3分')).toBe('不能超过满分3分')
    expect(pointsWrong('好', '3分')).toContain('应填分数')
    expect(pointsWrong('1.005', '3分')).toContain('应填分数')
  })
  it('are the same however they are written', () => {
    expect(same('2.50', '2.5分')).toBe(true)
    expect(same('2.5', '2.49')).toBe(false)
  })
})
