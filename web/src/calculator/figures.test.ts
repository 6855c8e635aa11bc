import { describe, expect, it } from 'vitest'
import { anyFigures, decodeFigures, encodeFigures, noFigures } from './figures'

const full = {
  facts: { '营业收入@2025': '9990万元', 'received(cx2022/C027)': '10万元', '研发机构.级别': '省级', 占比: '9.99%', 词: 'a&b=c#d+e f%20' },
  skipped: ['利润总额@2025'],
  on: '2026-06-30',
  performance: 2025,
  schemes: ['cx2025/C001', 'cx2025/C002'],
}

const packed = (value: unknown): string =>
  '1.' + btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)))).replace(/\+/g, '-').replace(/\//g, '_')

describe('the fragment of a link', () => {
  it('brings every figure back as it was', () => {
    expect(decodeFigures(encodeFigures(full))).toEqual(full)
    expect(decodeFigures('#' + encodeFigures(full))).toEqual(full)
  })

  it('holds nothing that a browser, a router or a chat program would change or cut', () => {
    expect(encodeFigures(full)).toMatch(/^1\.[\w-]+$/)
  })

  it('is empty for nothing', () => {
    expect(encodeFigures(noFigures())).toBe('')
    expect(encodeFigures({ ...noFigures(), facts: { a: '' } })).toBe('')
    expect(decodeFigures('')).toEqual(noFigures())
    expect(anyFigures(noFigures())).toBe(false)
    expect(anyFigures(full)).toBe(true)
  })

  it.each([
    '#营业收入=9990万元',
    '1.',
    '1.%%%',
    '1.bm90IGpzb24',
    packed(null),
    packed([1, 2]),
    packed({ f: 'x', s: 3, o: 'tomorrow', y: '2025', c: ['nothing'] }),
    packed({ f: [['__proto__', 'x'], ['a'], ['a', 5], 7, ['', 'x']], y: 1e9 }),
  ])('reads nothing from rubbish: %s', (rubbish) => {
    expect(decodeFigures(rubbish)).toEqual(noFigures())
  })

  it('takes no more than a page can show', () => {
    expect(Object.keys(decodeFigures(packed({ f: Array.from({ length: 5000 }, (_, i) => [`k${i}`, '1']) })).facts)).toHaveLength(300)
    expect(decodeFigures(packed({ f: [['a', 'x'.repeat(5000)]] })).facts).toEqual({})
  })
})
