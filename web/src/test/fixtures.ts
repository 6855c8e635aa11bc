// Answers of the API for tests, in the shapes the server sends. Never part of the built site.
import type { CalculatorAnswer, Calculation, SchemeItem, SchemePage, SchemeView } from '@/api/portal'
import type { Explanation, Need, ReasonNode } from '@/api/types'

export function schemeItem(over: Partial<SchemeItem> = {}): SchemeItem {
  return {
    id: 'cx2025/C001',
    title: '规上数字经济制造业企业增长奖励',
    document: {
      id: 'cx2025',
      title: '2025年慈溪市推进产业高质量发展的政策意见',
      number: '慈政办发〔2025〕20号',
      number_known: true,
      body: '慈溪市人民政府办公室',
      level: 'cixi',
    },
    office: '市经信局',
    for: '企业',
    kind: 'money',
    ceiling: true,
    cite: '一(一)1',
    gives: ['按当年营业收入增加额,每满100万元给予最高500元,不超过30万元。'],
    standing: 'in_force',
    published: '2025-09-17',
    tags: [],
    ...over,
  }
}

const declared = { verified: false }

export const facets: SchemePage['facets'] = {
  department: [
    { value: '市经信局', count: 4 },
    { value: '市科技局', count: 2 },
  ],
  industry: [],
  size: [{ value: '小型', count: 3 }],
  kind: [{ value: 'money', count: 4 }],
  document: [],
  standing: [
    { value: 'in_force', count: 5 },
    { value: 'expired', count: 6 },
  ],
}

export function reasons(): ReasonNode {
  return {
    kind: 'all',
    answer: 'unmet',
    read: '以下条件须全部满足',
    children: [
      {
        kind: 'compare',
        answer: 'met',
        text: '近两年营业收入年均增长率为正',
        read: '近2年营业收入年均增长率(各年增长率的平均)超过0%',
        cite: '一(一)1',
        actual: '7.12%',
        threshold: '超过0%',
        facts: [
          { key: '营业收入@2024', label: '2024年营业收入', value: '1亿元', source: { origin: '市统计局', evidence: '2024年统计年报', verified: true, stated: '2025-03-01' } },
        ],
        interpretation: { choice: '各年增长率的平均', by: '编者', status: 'assumption' },
      },
      {
        kind: 'compare',
        answer: 'unmet',
        text: '当年增速不低于10%',
        read: '当年营业收入增长率不低于10%',
        actual: '9.99%',
        threshold: '不低于10%',
        gap: { condition: '当年增速不低于10%', short: '0.01个百分点', moves: ['营业收入(2025年)再增加1万元,达到11000万元'] },
        facts: [{ key: '营业收入@2025', label: '2025年营业收入', value: '10999万元', source: declared }],
      },
      {
        kind: 'any',
        answer: 'manual',
        read: '满足其一',
        children: [{ kind: 'judge', answer: 'manual', read: '属于数字经济制造业', office: '市经信局' }],
      },
    ],
  }
}

export function need(over: Partial<Need> = {}): Need {
  return {
    key: '营业收入@2025',
    label: '2025年营业收入',
    term: '营业收入',
    year: 2025,
    type: 'number',
    unit: '元',
    help: '全年数,以统计年报为准。',
    office: '市统计局',
    schemes: ['cx2025/C001'],
    ...over,
  }
}

export function explanation(over: Partial<Explanation> = {}): Explanation {
  return {
    lang: 'zh',
    title: '规上数字经济制造业企业增长奖励',
    answer: 'unmet',
    label: '不符合',
    short: '不符合：2025年营业收入再增加1万元，达到1.1亿元',
    worth: '无',
    sections: [
      { kind: 'conditions', title: '条件', lines: [{ text: '同时符合以下全部条件', answer: 'unmet', lines: [
        { text: '当年增速不低于10%', answer: 'unmet', notes: ['实际 (10,999万元 − 1亿元) ÷ 1亿元 = 9.99%', '要求 不低于10%', '相差0.01个百分点'] },
      ] }] },
      { kind: 'changes', title: '要改变什么', lines: [{ text: '以下都要做到', lines: [{ text: '2025年营业收入再增加1万元，达到1.1亿元' }] }] },
      { kind: 'amount', title: '金额怎样算', lines: [{ text: '35万元超过封顶30万元，按30万元计，少5万元' }] },
    ],
    ...over,
  }
}

export function calculation(over: Partial<Calculation['result']> = {}, item: Partial<SchemeItem> = {}): Calculation {
  const scheme = schemeItem(item)
  return {
    scheme,
    explanation: explanation({ title: scheme.title, answer: over.answer ?? 'unmet' }),
    result: {
      scheme: scheme.id,
      answer: 'unmet',
      standing: 'in_force',
      performance: 2025,
      amount: { kind: 'none', low: 0, high: 0, open: false, text: '' },
      potential: { kind: 'none', low: 0, high: 0, open: false, text: '' },
      verified: false,
      disputed: false,
      missing: [],
      gaps: [{ condition: '当年增速不低于10%', short: '0.01个百分点', moves: ['营业收入(2025年)再增加1万元,达到11000万元'] }],
      changes_on: '',
      turns_on: '',
      reasons: reasons(),
      ...over,
    },
  }
}

export function due(): Calculation {
  return calculation(
    {
      answer: 'met',
      gaps: [],
      amount: { kind: 'ceiling', low: 0, high: 30_000_000, open: false, cut_by: '30万元', text: '最高30万元' },
      potential: { kind: 'ceiling', low: 0, high: 30_000_000, open: false, text: '最高30万元' },
      working: ['营业收入增加额70000万元 ÷ 100万元 = 700个(不足部分不计)', '700 × 最高500元 = 最高35万元', '超过封顶30万元,按30万元计'],
    },
    { id: 'cx2025/C002', title: '规上软件和信息技术服务业企业增长奖励' },
  )
}

export function unknown(): Calculation {
  return calculation(
    {
      answer: 'unknown',
      gaps: [],
      missing: [need({ key: '高新技术企业', label: '高新技术企业', term: '高新技术企业', type: 'record', unit: undefined, year: undefined })],
      potential: { kind: 'exact', low: 20_000_000, high: 20_000_000, open: false, text: '20万元' },
      reasons: undefined,
    },
    { id: 'cx2025/C004', title: '省级数商奖励' },
  )
}

export function calculatorAnswer(over: Partial<CalculatorAnswer> = {}): CalculatorAnswer {
  return {
    on: '2026-11-23',
    results: [calculation(), due(), unknown()],
    ask: [
      need(),
      need({ key: '营业收入@2024', label: '2024年营业收入', year: 2024 }),
      need({ key: '高新技术企业', label: '高新技术企业', term: '高新技术企业', type: 'record', unit: undefined, year: undefined, office: '市科技局' }),
      need({ key: '研发机构.级别', label: '研发机构(级别)', term: '研发机构', type: 'level', unit: undefined, options: ['市级', '省级', '国家级'] }),
      need({ key: '在职职工人数', label: '在职职工人数', term: '在职职工人数', type: 'number', unit: '人' }),
      need({ key: '成立日期', label: '成立日期', term: '成立日期', type: 'date', unit: undefined }),
      need({ key: '有固定经营场所', label: '有固定经营场所', term: '有固定经营场所', type: 'judgement', unit: undefined, options: ['是', '否'], office: '市人力社保局' }),
    ],
    problems: [],
    total: { owed: 0, ceiling: 30_000_000 },
    ...over,
  }
}

export function schemeView(): SchemeView {
  const tree = reasons()
  return {
    standing: 'in_force',
    on: '2026-11-23',
    level: '慈溪市',
    industries: [],
    sizes: [],
    version: '',
    description: {
      id: 'cx2025/C001',
      title: '规上数字经济制造业企业增长奖励',
      document: {
        id: 'cx2025',
        title: '2025年慈溪市推进产业高质量发展的政策意见',
        number: '慈政办发〔2025〕20号',
        number_known: true,
        body: '慈溪市人民政府办公室',
        level: 'cixi',
        url: 'http://www.cixi.gov.cn/art/2025/9/17/art_1229039849_1815866.html',
        signed: '2025-09-16',
        published: '2025-09-17',
        in_force: '2025-09-17',
        valid_until: '',
        replaced: '',
        performance: 2025,
        notes: [{ choice: '未写明有效期的年度政策,到下一年度政策发布为止', by: '编者', status: 'assumption' }],
      },
      cite: '一(一)1',
      office: '市经信局',
      for: '企业',
      kind: 'money',
      text: '对规上数字经济制造业企业,近两年营业收入年均增长率为正且当年增速不低于10%的,以当年营业收入增量计,每100万元最高奖励500元,不足100万元部分不计,总额不超过30万元。',
      gives: ['按当年营业收入增加额,每满100万元给予最高500元,不足100万元的部分不计;不超过30万元。'],
      conditions: tree,
      limits: ['每家企业每年度1次'],
      pays: [],
      interpretations: [{ choice: '各年增长率的平均', by: '编者', status: 'assumption' }],
      allowed: [{ lint: 'uncapped', reason: '原文没有写上限', by: '编者' }],
      legacy: [{ words: '地方贡献', rule: '不得与贡献挂钩', cite: '《某条例》第十条', since: '2024-08-01' }],
      examples: [
        {
          comment: '增加额 11000-10000 = 1000万元\n1000 ÷ 100 = 10个\n10 × 500元 = 5000元',
          given: ['2023年营业收入：9000万元', '2024年营业收入：1亿元', '2025年营业收入：1.1亿元', '规上数字经济制造业名录：是', '知识产权：档 Ⅰ类，from 2024-01-01'],
          expect: ['结果：符合', '金额：最高5000元'],
        },
      ],
      ceiling: true,
      uses: [need(), need({ key: '营业收入@2024', label: '2024年营业收入', year: 2024 })],
      succeeds: 'cx2024/C011',
      succeeded_by: '',
    },
  }
}
