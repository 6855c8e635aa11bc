import type { Claim } from '@/record/claim'

/** The states of a claim as the desk reads them. */
export const claimStates: Record<Claim['state'], string> = { open: '待审核', approved: '已通过', refused: '未通过', withdrawn: '已撤回' }

/** As whom a claim was ended. */
export const decidedAs: Record<NonNullable<Claim['decided_as']>, string> = { officer: '经办人员', principal: '企业负责人', claimant: '申请人' }
