import { describe, expect, it } from 'vitest'
import { pasted, rowsOf, statementsOf } from './list'

const list = {
  key: '清单', title: '清单', names: '代码', on: '2025-12-31', none: '没有',
  fields: [{ name: '代码', type: 'word' }, { name: '名称', type: 'word' }, { name: '人数', type: 'number', unit: '人' }],
}

describe('the rows of a list', () => {
  // Mutation: leave the unit out of statementsOf; drop what other terms state.
  it('go into statements and come back as they were typed', () => {
    const other = { term: '别的', value: '1元' }
    const rows = [{ 代码: '甲', 名称: '', 人数: '12' }, { 代码: '', 名称: ' ', 人数: '' }]
    const said = statementsOf(list, rows, [other, { term: '清单', record: { fields: { 代码: '旧' } } }])
    expect(said).toEqual([other, { term: '清单', record: { fields: { 代码: '甲', 人数: '12人' } } }])
    expect(rowsOf(list, said)).toEqual([{ 代码: '甲', 名称: '', 人数: '12' }])
  })

  // Mutation: take the heading as a row; take a single word as a block.
  it('are taken from a workbook, without its heading', () => {
    expect(pasted(list, '代码\t名称\t人数\n甲\t甲厂\t1,200\r\n乙\t乙厂\t3人\n')).toEqual([{ 代码: '甲', 名称: '甲厂', 人数: '1200' }, { 代码: '乙', 名称: '乙厂', 人数: '3' }])
    expect(pasted(list, '甲')).toEqual([])
  })
})
