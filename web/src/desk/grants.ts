import type { Grant, Role } from '@/api/types'

export const roleWords: Record<Role, string> = {
  officer: '经办人员',
  leader: '分管领导',
  finance: '财政',
  administrator: '系统管理员',
  auditor: '审计人员',
  firm: '企业',
  expert: '评审专家',
}

export const roleHints: Record<Role, string> = {
  officer: '查看范围内的企业；核实、导入和更正本部门认可的数据',
  leader: '查看范围内的企业；决定经办人员审核过的事项',
  finance: '查看范围内的企业；管预算，拨付已经决定的资金',
  administrator: '管理账号；仅凭这一角色看不到企业数据',
  auditor: '查看范围内的企业，不能修改；不限镇街的还查看审计记录',
  firm: '查看和申报自己一家企业的数据',
  expert: '只看和评抽到自己评审的申报，别的都看不到',
}

/** Which roles can be kept to a department, and which to a town. */
const ofDepartment: Role[] = ['officer', 'leader', 'finance']
const ofTown: Role[] = [...ofDepartment, 'auditor']
export const hasDepartment = (role: Role): boolean => ofDepartment.includes(role)
export const hasTown = (role: Role): boolean => ofTown.includes(role)

/** grantText is a grant in one line: 经办人员（市经信局，全部镇街）. */
export function grantText(g: Grant): string {
  if (g.role === 'firm') return g.party ? `企业（主体编号 ${g.party}）` : roleWords.firm
  const scope = [hasDepartment(g.role) ? g.department || '全部部门' : '', hasTown(g.role) ? g.town || '全部镇街' : ''].filter(Boolean)
  return roleWords[g.role] + (scope.length ? `（${scope.join('，')}）` : '')
}

/** tidyGrant leaves only the scope that the role has. */
export function tidyGrant(g: Grant): Grant {
  return {
    role: g.role,
    ...(hasDepartment(g.role) && g.department ? { department: g.department } : {}),
    ...(hasTown(g.role) && g.town ? { town: g.town } : {}),
    ...(g.role === 'firm' && g.party ? { party: g.party } : {}),
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

/** canDelegate says whether somebody else may exercise a role in one's stead. */
export const canDelegate = (role: Role): boolean => ofDepartment.includes(role)

const same = (a: Grant, b: Grant): boolean => a.role === b.role && (a.department ?? '') === (b.department ?? '') && (a.town ?? '') === (b.town ?? '') && (a.party ?? '') === (b.party ?? '')

/** given are the grants of one set that another has not: they take a second administrator. */
export const given = (from: Grant[], to: Grant[]): Grant[] => to.filter((g) => !from.some((f) => same(f, g)))
