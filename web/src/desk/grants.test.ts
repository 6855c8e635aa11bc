import type { Grant } from '@/api/types'
import { describe, expect, it } from 'vitest'
import { checkGrants, given, grantText, tidyGrant } from './grants'

describe('grants', () => {
  it('says the scope in words; an empty scope is everything', () => {
    expect(grantText({ role: 'officer', department: '市经信局' })).toBe('经办人员（市经信局，全部镇街）')
    expect(grantText({ role: 'auditor', town: '甲镇' })).toBe('审计人员（甲镇）')
    expect(grantText({ role: 'leader', department: '市经信局' })).toBe('分管领导（市经信局，全部镇街）')
    expect(grantText({ role: 'finance' })).toBe('财政（全部部门，全部镇街）')
    expect(grantText({ role: 'administrator' })).toBe('系统管理员')
  })

  it('sends only the scope that the role has, so that a role changed in the form carries nothing along', () => {
    const all = { department: '市经信局', town: '甲镇', party: 'p1' }
    expect(tidyGrant({ role: 'officer', ...all })).toEqual({ role: 'officer', department: '市经信局', town: '甲镇' })
    expect(tidyGrant({ role: 'leader', ...all })).toEqual({ role: 'leader', department: '市经信局', town: '甲镇' })
    expect(tidyGrant({ role: 'finance', ...all })).toEqual({ role: 'finance', department: '市经信局', town: '甲镇' })
    expect(tidyGrant({ role: 'auditor', ...all })).toEqual({ role: 'auditor', town: '甲镇' })
    expect(tidyGrant({ role: 'administrator', ...all })).toEqual({ role: 'administrator' })
    expect(tidyGrant({ role: 'firm', ...all })).toEqual({ role: 'firm', party: 'p1' })
  })

  it('tells what is given, which takes a second administrator, from what is only taken', () => {
    const a: Grant = { role: 'officer', department: '市经信局', town: '甲镇' }
    const b: Grant = { role: 'officer', department: '市经信局' }
    expect(given([a], [{ ...b, town: '' }])).toEqual([{ ...b, town: '' }]) // wider
    expect(given([{ ...b, town: '' }], [b])).toEqual([])
    expect(given([a, b], [a])).toEqual([])
    expect(given([], [a])).toEqual([a])
  })

  it('asks for the firm of a firm account', () => {
    expect(checkGrants([{ role: 'officer' }, { role: 'firm' }])).toEqual({ 1: '请选择企业' })
    expect(checkGrants([{ role: 'firm', party: 'p1' }])).toEqual({})
  })
})
