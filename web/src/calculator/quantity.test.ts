import { describe, expect, it } from 'vitest'
import { isNumber, readQuantity, tidyNumber, unitChoices, writeQuantity } from './quantity'

describe('quantities', () => {
  it('offers the usual units of money, 万元 first', () => {
    expect(unitChoices('元')).toEqual(['万元', '元', '亿元'])
    expect(unitChoices('人')).toEqual(['人'])
    expect(unitChoices(undefined)).toEqual([''])
  })

  it('reads what people type', () => {
    expect(tidyNumber(' 1,234.5 ')).toBe('1234.5')
    expect(tidyNumber('12，000')).toBe('12000')
    expect(tidyNumber('.5')).toBe('0.5')
    expect(isNumber('1.')).toBe(false)
    expect(isNumber('1e9')).toBe(false)
    expect(readQuantity('9990万元')).toEqual({ number: '9990', unit: '万元' })
    expect(readQuantity('-3%')).toEqual({ number: '-3', unit: '%' })
    expect(readQuantity('很多')).toBeUndefined()
  })

  it('writes what a facts file takes', () => {
    const money = unitChoices('元')
    expect(writeQuantity({ number: '9,990', unit: '万元' }, money)).toBe('9990万元')
    expect(writeQuantity({ number: '1亿元', unit: '万元' }, money)).toBe('1亿元')
    expect(writeQuantity({ number: '1公斤', unit: '万元' }, money)).toBeUndefined()
    expect(writeQuantity({ number: '', unit: '万元' }, money)).toBeUndefined()
    expect(writeQuantity({ number: '12', unit: '' }, [''])).toBe('12')
  })
})
