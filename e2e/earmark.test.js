// Money for some purposes alone: a firm is paid, tells what it used it for, the department returns one use and accepts the others.
//
// By hand: 20,000 yuan arrive. 12,000 are told and accepted; 8,000.01 is a fen too much; 8,000 are returned for a wrong invoice, told again and
// accepted: all of it is accounted for.
import assert from 'node:assert/strict'
import { ok, published, signedIn } from './given.js'
import { act, both, call, county, exported, phone } from './harness.js'
import { answered, budgeted, confirmAccount, ordered, registerAccount, step, today } from './payment.js'

const tenant = 'cixi'
const test = county()
const office = '市经信局'
const scheme = `document: earmark-sample
title: 技能提升专项（虚构的示例）
number: not_found
body: 慈溪市经信局
dates: {published: 2023-01-01}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
notes:
- {choice: 这份文件是为演示编的，不是政策, by: 起草组, status: assumption}
schemes:
  技能提升专项:
    title: 技能提升专项（虚构的示例）
    cite: not_found
    office: ${office}
    text: 规模以上工业企业给予2万元，专项用于技能提升、技术攻关。
    for: 企业
    kind: money
    require: {has: 数字经济核心制造业库@有效, text: 核心制造业库企业, cite: not_found}
    amount: {give: 2万元, text: 2万元, cite: not_found}
    earmark: [技能提升, 技术攻关]
    process: 即申即享
    examples:
    #= 在库：2万元。
    - {P: 2023, given: {数字经济核心制造业库: 2023-01-01}, expect: {answer: met, amount: 2万元}}
    #= 不在库：不符合。
    - {P: 2023, given: {数字经济核心制造业库: 否}, expect: {answer: unmet}}
`

async function told(firm, yuan, purpose, spent, paper) {
  await firm.getByRole('button', { name: '报告一笔使用' }).click()
  await firm.getByLabel('金额（元）').fill(yuan)
  await firm.getByLabel('支出日期').fill(await today(firm, tenant))
  await firm.getByLabel('用途').selectOption(purpose)
  await firm.getByLabel('凭证（合同、发票的编号）').fill(paper)
  await firm.getByLabel('用在哪里').fill(spent)
  await firm.getByRole('button', { name: '报告', exact: true }).click()
}

test('earmarked money is accounted for', async ({ open }) => {
  const admin = await signedIn(open, tenant, 'admin')
  await published(admin, open, tenant, 'cixi/earmark-sample.yaml', '技能提升专项示例', scheme)
  const [officer, finance, other, firm] = [await signedIn(open, tenant, 'jingxin'), await signedIn(open, tenant, 'finance'), await signedIn(open, tenant, 'finance2'), await signedIn(open, tenant, 'firm', phone)]
  const party = ok(await call(firm, 'GET', '/api/session')).actor.grants[0].party
  const day = await today(officer, tenant)
  const round = ok(await call(officer, 'POST', `/api/${tenant}/rounds`, {
    number: '专项-01', title: '技能提升专项', process: '即申即享', performance: 2023, opens: day, closes: `${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('02-29', '02-28')}`, department: office,
    schemes: [{ scheme: 'earmark-sample/技能提升专项', department: office, materials: [] }],
  })).id
  await officer.goto(`/${tenant}/desk/rounds/${round}`)
  await act(officer, '开放申报')
  await budgeted(finance, tenant, round, '本级财政', '100000')
  await firm.goto(`/${tenant}/firm/${party}/earmarks`)
  await firm.getByText('没有专项资金').waitFor()
  await both(firm, 'earmark-none')
  const { id } = ok(await call(firm, 'POST', `/api/${tenant}/cases`, { round, scheme: 'earmark-sample/技能提升专项', party }))
  const { version } = ok(await call(firm, 'GET', `/api/${tenant}/cases/${id}/form`))
  ok(await call(firm, 'PUT', `/api/${tenant}/cases/${id}/draft`, { version, draft: { statements: [], commitment: true, contact: '张三', phone: '13800000000' } }))
  await firm.goto(`/${tenant}/firm/${party}/cases/${id}`)
  await act(firm, '提交')
  await firm.getByText('专项用于：技能提升、技术攻关').waitFor() // decided at once
  await registerAccount(firm, tenant, { holder: '慈溪市岚渡智能电器有限公司', bank: '演示银行周巷支行', number: '6222 0200 0000 1234' })
  await confirmAccount(finance, tenant, '开户许可证')
  await firm.goto(`/${tenant}/firm/${party}/earmarks`)
  await firm.getByText('资金还没有到账').waitFor()
  const rows = await ordered(finance, other, tenant, round, '慈财演〔2026〕3号')
  await answered(finance, rows, ['成功', 'YH00000011', day, ''])

  await firm.reload()
  await firm.getByText('还没有报告使用情况').waitFor()
  await firm.getByRole('button', { name: '报告一笔使用' }).click()
  await firm.getByRole('button', { name: '报告', exact: true }).click()
  await firm.getByText('请写明用在哪里').waitFor()
  await both(firm, 'earmark-wrong')
  await firm.getByRole('button', { name: '取消' }).click()
  await told(firm, '12000', '技能提升', '12名电工参加高级技师培训', '发票 00123456')
  await firm.getByText('已报告，责任部门核对以后').waitFor()
  firm.allow(422)
  await told(firm, '8000.01', '技术攻关', '轴承噪声攻关的检测费', '发票 00123457')
  await firm.getByText('还有8,000元没有报告').waitFor()
  await firm.getByLabel('金额（元）').fill('8000')
  await firm.getByRole('button', { name: '报告', exact: true }).click()
  await firm.getByText('已报告，责任部门核对以后').waitFor()
  await both(firm, 'earmark-told')

  // Finance reads it and decides nothing; the department returns one and accepts the other.
  await finance.goto(`/${tenant}/desk/earmarks`)
  await finance.getByText('发票 00123457').waitFor()
  assert.equal(await finance.getByRole('button', { name: '认可' }).count(), 0)
  await officer.goto(`/${tenant}/desk/earmarks?only=stated`)
  const line = (text) => officer.getByRole('listitem').filter({ hasText: text })
  await line('00123457').getByRole('button', { name: '退回' }).click()
  await line('00123457').locator('form.step textarea').fill('发票抬头不是本单位')
  await line('00123457').locator('form.step').getByRole('button', { name: '退回' }).click()
  await officer.getByText('退回理由：发票抬头不是本单位').waitFor()
  await step(officer, '认可')
  await officer.getByText('没有符合').first().waitFor() // nothing waits any more
  await officer.goto(`/${tenant}/desk/earmarks`)
  await both(officer, 'earmark-desk')

  await firm.reload()
  await firm.getByText('退回理由：发票抬头不是本单位').waitFor()
  await told(firm, '8000', '技术攻关', '轴承噪声攻关的检测费', '发票 00123458')
  await firm.getByText('已报告，责任部门核对以后').waitFor()
  await officer.goto(`/${tenant}/desk/earmarks?only=left`)
  await step(officer, '认可')
  await officer.getByText('没有符合').first().waitFor()
  await officer.goto(`/${tenant}/desk/earmarks`)
  const book = await exported(officer)
  assert.equal(book.rows.filter((r) => r.includes('已认可')).length, 2)
  await firm.reload()
  await firm.getByLabel('已认可100%').waitFor()
  assert.equal(await firm.getByRole('button', { name: '报告一笔使用' }).count(), 0)
  await both(firm, 'earmark-done')
})
