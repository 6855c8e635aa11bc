import { describe, expect, it } from 'vitest'
import { showValue, splitNumber } from './value'

describe('value', () => {
  it('takes a literal apart without losing a fen', () => {
    expect(splitNumber('99900000元', '元')).toEqual({ number: '9990', unit: '万元' })
    expect(splitNumber('12345678.9元', '元')).toEqual({ number: '1234.56789', unit: '万元' })
    expect(splitNumber('1.2亿元', '元')).toEqual({ number: '12000', unit: '万元' })
    expect(splitNumber('-5元', '元')).toEqual({ number: '-0.0005', unit: '万元' })
    expect(splitNumber('0元', '元')).toEqual({ number: '0', unit: '万元' })
    expect(splitNumber('50%', '%')).toEqual({ number: '50', unit: '%' })
    expect(splitNumber('12人', '人')).toEqual({ number: '12', unit: '人' })
    expect(splitNumber('省级', '')).toBeUndefined()
    expect(splitNumber('50%', '元')).toBeUndefined()
  })

  it('shows figures exactly and grouped, words and dates as they stand', () => {
    expect(showValue('99900000元', '元')).toBe('9,990万元')
    expect(showValue('9999元', '元')).toBe('9,999元')
    expect(showValue('123456789元', '元')).toBe('12,345.6789万元')
    expect(showValue('123456789元')).toBe('12,345.6789万元')
    expect(showValue('9.99%', '%')).toBe('9.99%')
    expect(showValue('1234人', '人')).toBe('1,234人')
    expect(showValue('省级')).toBe('省级')
    expect(showValue('2024-05-01')).toBe('2024-05-01')
    expect(showValue('2024-05-01..2027-04-30')).toBe('2024-05-01..2027-04-30')
  })
})
