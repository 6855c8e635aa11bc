import { audits, hasRole, readsParties } from '@/session'

export interface MenuItem {
  path: string
  label: string
  hint: string
}

/** menu is what somebody signed in can do at the desk; the server decides again on every call. */
export function menu(): MenuItem[] {
  const items: MenuItem[] = []
  if (readsParties()) {
    items.push(
      { path: 'desk/parties', label: '主体名录', hint: '查企业，看它的数据和每项政策的结论' },
      { path: 'desk/affected', label: '政策涉及面', hint: '一项政策有多少企业符合、差一点、待补充' },
      ...(hasRole('officer') || audits() ? [{ path: 'desk/imports', label: '数据导入', hint: '用表格批量导入企业和数据，先预览再提交' }] : []),
      { path: 'desk/coverage', label: '名录完整性', hint: '声明某类记录截至某日已齐全，没有记录才算没有' },
      ...(hasRole('officer') || hasRole('auditor') ? [{ path: 'desk/claims', label: '企业认领', hint: '谁可以代表一家企业：核对证明文件，通过或不通过' }] : []),
      { path: 'desk/disputes', label: '数据异议', hint: '企业对数据提出的异议，核对后答复' },
    )
  }
  if (audits()) items.push({ path: 'desk/audit', label: '审计记录', hint: '谁在什么时候对什么做了什么；核验有没有被改动' })
  if (hasRole('administrator')) items.push({ path: 'desk/accounts', label: '账号与权限', hint: '开通、停用账号，设定部门和镇街范围' })
  return items
}
