import { describe, expect, it } from 'vitest'
import { filtersOf, pageOf, queryOf, searchOf } from './search'

describe('the search page and its address', () => {
  it('looks for what is in force unless told otherwise', () => {
    expect(filtersOf({}).standing).toBe('in_force')
    expect(filtersOf({ standing: 'all' }).standing).toBe('all')
  })

  it('writes only what differs from the usual, and reads it back', () => {
    const f = { ...filtersOf({}), q: '技改', department: '市经信局' }
    expect(queryOf(f)).toEqual({ q: '技改', department: '市经信局' })
    expect(queryOf(f, 3)).toEqual({ q: '技改', department: '市经信局', page: '3' })
    expect(filtersOf(queryOf(f))).toEqual(f)
  })

  it('survives an address typed by hand', () => {
    expect(pageOf({ page: '-4' })).toBe(1)
    expect(pageOf({ page: '1e99' })).toBe(1)
    expect(filtersOf({ on: 'yesterday' }).on).toBe('')
    expect(filtersOf({ q: ['a', 'b'] }).q).toBe('a')
    expect(filtersOf({ q: 'x'.repeat(1000) }).q).toHaveLength(100)
    expect(searchOf({ page: '2' }, 20)).toMatchObject({ page: 2, per: 20, standing: 'in_force' })
  })
})
