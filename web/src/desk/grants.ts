import type { Grant, Role } from '@/api/types'

export const roleWords: Record<Role, string> = { officer: '经办人员', administrator: '系统管理员', auditor: '审计人员', firm: '企业' }

export const roleHints: Record<Role, string> = {
  officer: '查看范围内的企业；核实、导入和更正本部门认可的数据',
  administrator: '管理账号；仅凭这一角色看不到企业数据',
  auditor: '查看范围内的企业，不能修改；不限镇街的还查看审计记录',
  firm: '查看和申报自己一家企业的数据',
}

/** grantText is a grant in one line: 经办人员（市经信局，全部镇街）. */
export function grantText(g: Grant): string {
  if (g.role === 'officer') return `${roleWords.officer}（${g.department || '全部部门'}，${g.town || '全部镇街'}）`
  if (g.role === 'auditor') return `${roleWords.auditor}（${g.town || '全部镇街'}）`
  return roleWords[g.role]
}

/** tidyGrant leaves only the scope that the role has. */
export function tidyGrant(g: Grant): Grant {
  switch (g.role) {
    case 'officer':
      return { role: g.role, ...(g.department ? { department: g.department } : {}), ...(g.town ? { town: g.town } : {}) }
    case 'auditor':
      return { role: g.role, ...(g.town ? { town: g.town } : {}) }
    case 'firm':
      return { role: g.role, ...(g.party ? { party: g.party } : {}) }
    default:
      return { role: g.role }
  }
}

/** checkGrants names what is missing, by the position of the grant. */
export function checkGrants(grants: Grant[]): Record<number, string> {
  const errors: Record<number, string> = {}
  grants.forEach((g, i) => {
    if (g.role === 'firm' && !g.party) errors[i] = '请选择企业'
  })
  return errors
}
