import { audits, hasRole, readsParties, session } from '@/session'
import { readsBooks } from '@/treasury/words'

interface MenuItem {
  path: string
  label: string
  hint: string
}

/** menu is what somebody signed in can do at the desk; the server decides again on every call. */
export function menu(): MenuItem[] {
  const items: MenuItem[] = []
  if (readsParties()) {
    items.push(
      { path: 'desk/tasks', label: '待办', hint: '轮到您办理的事项，先到期的在前；可以一次办理多件' },
      { path: 'desk/rounds', label: '申报批次', hint: '开设批次和常年受理的事项，截止、结算、公示、决定、兑付' },
      { path: 'desk/cases', label: '申报件', hint: '每一件申报的测算、证据、核查和进度' },
      ...(hasRole('officer') || hasRole('leader') ? [{ path: 'desk/papers', label: '文书', hint: '受理、补正、决定等文书的拟稿、复核、签发和送达' }] : []),
      ...(hasRole('officer') ? [{ path: 'desk/visits', label: '现场核查', hint: '指派您去的现场核查：用手机填写、拍照、签字，断网也能填' }] : []),
      { path: 'desk/replies', label: '服务评价', hint: '服务请求的答复和提出的人的评价' },
      ...(hasRole('officer') || hasRole('leader') || hasRole('auditor') ? [{ path: 'desk/certificates', label: '证书登记簿', hint: '许可、认定、荣誉和评级的证书：谁持有、何时届满、有过什么变动' }] : []),
      ...(hasRole('officer') || hasRole('leader') || hasRole('auditor') ? [{ path: 'desk/experts', label: '专家库', hint: '评审专家：专业、单位、聘期；评选时从这里随机抽取' }] : []),
      { path: 'desk/objections', label: '公示异议', hint: '实名异议的受理和处理' },
      { path: 'desk/parties', label: '主体名录', hint: '查企业，看它的数据和每项政策的结论' },
      { path: 'desk/affected', label: '政策涉及面', hint: '一项政策有多少企业符合、差一点、待补充' },
      ...(hasRole('officer') || audits() ? [{ path: 'desk/imports', label: '数据导入', hint: '用表格批量导入企业和数据，先预览再提交' }] : []),
      { path: 'desk/region', label: '地区数据', hint: '全市增速这样大家共用的数，填报一次，所有企业都按它算' },
      { path: 'desk/coverage', label: '名录完整性', hint: '声明某类记录截至某日已齐全，没有记录才算没有' },
      ...(hasRole('officer') || hasRole('auditor') ? [{ path: 'desk/claims', label: '企业认领', hint: '谁可以代表一家企业：核对证明文件，通过或不通过' }] : []),
      ...(hasRole('officer') || readsBooks() ? [{ path: 'desk/earmarks', label: '专项资金', hint: '专款专用的资金用在了哪里：收款单位报告，经办人员核对' }] : []),
      { path: 'desk/disputes', label: '数据异议', hint: '企业对数据提出的异议，核对后答复' },
    )
  }
  if (readsParties() || hasRole('administrator')) items.push({ path: 'desk/trials', label: '政策测算', hint: '调整比例、门槛、封顶，先看影响多少企业、多少资金' })
  if (readsBooks()) {
    items.push(
      { path: 'desk/budgets', label: '预算', hint: '按批次、政策和资金来源安排、调整预算，看承诺、已付和余额' },
      { path: 'desk/payments', label: '拨付', hint: '编制付款批次，核准、送银行，收银行回执' },
      { path: 'desk/receivables', label: '应收款', hint: '要企业退回的已付资金：逾期的在前；登记、确认还款' },
      { path: 'desk/bank-accounts', label: '收款账户', hint: '企业的收款账户；暂缓付款的由第二个人核对' },
      { path: 'desk/ledger', label: '台账', hint: '每一笔分录和各批次、各来源的合计' },
    )
  }
  if (audits()) items.push({ path: 'desk/audit', label: '审计记录', hint: '谁在什么时候对什么做了什么；核验有没有被改动' })
  if (readsParties() || hasRole('administrator')) items.push({ path: 'desk/policies', label: '政策文件', hint: '现行的政策文件和历次版本；管理员提出、核准新的发布' })
  if (readsParties() || hasRole('administrator')) items.push({ path: 'desk/calendar', label: '工作日历', hint: '哪天放假、哪个周末上班，出自哪份通知；时限都按它算' })
  if (!session.stead && (readsParties() || hasRole('administrator'))) items.push({ path: 'desk/delegations', label: '外出委托', hint: '外出期间请别人代办；看谁委托了我，以代办身份办理' })
  if (hasRole('administrator') || hasRole('auditor')) items.push({ path: 'desk/numbers', label: '编号', hint: '文号和证书编号怎样排、写在哪份文件、编到几号、有没有缺号' })
  if (hasRole('administrator')) items.push({ path: 'desk/accounts', label: '账号与权限', hint: '开通、停用账号，设定部门和镇街范围' })
  if (hasRole('administrator') || audits()) items.push({ path: 'desk/authorizations', label: '授权核准', hint: '一名管理员提出、另一名核准；谁在什么时候被给予、收回了什么' })
  return items
}
