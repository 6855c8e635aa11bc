import { expect, test } from 'vitest'
import { numbered, stateOf, whom } from './words'

// As the file numbers them: a heading of an upper level begins the lower ones anew. Mutation: leave out the fill → red.
test('headings are numbered as in the file', () => {
  const list = [1, 2, 2, 3, 4, 0, 1, 2].map((level) => ({ level, text: '' }))
  expect(numbered(list).map((p) => p.before)).toEqual(['一、', '（一）', '（二）', '1.', '（1）', '', '二、', '（一）'])
  expect(numbered(Array.from({ length: 21 }, () => ({ level: 1, text: '' }))).map((p) => p.before).filter((_, i) => [9, 10, 19, 20].includes(i))).toEqual(['十、', '十一、', '二十、', '二十一、'])
})

test('a filter names a state by its word, and a delivery its receiver', () => {
  expect(stateOf('待签发')).toBe('sign')
  expect(stateOf('没有')).toBeUndefined()
  expect([whom('直接送达'), whom('留置送达'), whom('公告送达')]).toEqual(['签收人', '见证人', '公告的地方'])
})
