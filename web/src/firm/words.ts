import { speaker } from '@/i18n'

const zh = {
  'nav.label': '我的企业',
  'nav.overview': '政策对照',
  'nav.cases': '申报',
  'nav.certificates': '证书',
  'nav.facts': '企业数据',
  'nav.account': '收款账户',
  'nav.owed': '应退资金',
  'nav.people': '人员',
  'title.overview': '政策对照',
  'title.facts': '企业数据',
  'none.title': '这个账号没有绑定企业',
  'none.hint': '先认领您的企业，审核通过后就能查看它的数据和政策结论。也可以先用「算一算」。',
  'none.claim': '认领企业',
  'none.calculator': '去算一算',
  'other.title': '这个账号没有绑定这家企业',
  'other.hint': '地址里的企业不在您的账号名下。',
  'other.own': '看我的企业',
  'switch.label': '切换企业',
  'switch.open': '切换企业（共 {n} 家）',
  'facts.lead': '政策结论就是根据这些数据得出的。标为「已核实」的由部门提供；您可以更正自行申报的、添加缺少的，或对部门数据提出异议。',
  'overview.apply': '符合条件的，去「申报」看有没有正在受理的批次',
  'overview.facts': '查看和更正企业数据',
} as const

type FirmKey = keyof typeof zh

const en: Record<FirmKey, string> = {
  'nav.label': 'My firm',
  'nav.overview': 'Where we stand',
  'nav.cases': 'Applications',
  'nav.certificates': 'Certificates',
  'nav.facts': 'Our facts',
  'nav.account': 'Bank account',
  'nav.owed': 'To give back',
  'nav.people': 'People',
  'title.overview': 'Where we stand',
  'title.facts': 'Our facts',
  'none.title': 'This account speaks for no firm',
  'none.hint': 'Claim your firm first; once that is approved you see its facts and answers. The calculator needs none.',
  'none.claim': 'Claim a firm',
  'none.calculator': 'To the calculator',
  'other.title': 'This account does not speak for this firm',
  'other.hint': 'The firm of this address is not one of yours.',
  'other.own': 'To my firm',
  'switch.label': 'Switch firm',
  'switch.open': 'Switch firm ({n} in all)',
  'facts.lead': 'The answers rest on these facts. Verified ones come from departments: correct what you declared, add what is missing, or dispute what is wrong.',
  'overview.apply': 'Apply for what is due, in the rounds that are open',
  'overview.facts': 'See and correct our facts',
}

/** f is a message of the firm's pages in the chosen language. */
export const f = speaker<FirmKey>(zh, en)
