// Money that must come back: a sample finds an award that should not have been paid, the leader decides to claim it back, the firm reads what it
// owes, two of finance take its repayments, and the case ends.
//
// By hand: 25,000 yuan were paid and are owed back, without interest, within 30 days. 10,000 come back and leave 15,000; then those.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { answered, budgeted, confirmAccount, ordered, registerAccount, step, today } from './payment.js'

const tenant = 'cixi'
const test = county()
const scheme = '核心制造业库企业产值增速奖励'
const title = '2023年度核心制造业库企业产值增速奖励即申即享'

/** A call that must succeed. */
async function ask(page, method, path, body) {
  const r = await call(page, method, `/api/${tenant}${path}`, body)
  assert.ok(r.status < 300, `${method} ${path}: ${JSON.stringify(r)}`)
  return r.body
}

/** One of finance states what came back, another confirms it. */
async function repaid(one, two, yuan, serial) {
  await one.getByLabel('金额（元）').fill(yuan)
  await one.getByLabel('到账日期').fill(await today(one, tenant))
  await one.getByLabel('银行流水号').fill(serial)
  await one.getByRole('button', { name: '登记', exact: true }).click()
  await one.getByRole('status').filter({ hasText: '已登记' }).waitFor()
  await one.getByText('要由登记人以外的另一名财政人员确认').waitFor()
  assert.equal(await one.getByRole('button', { name: '确认还款' }).count(), 0)
  await two.goto(new URL(one.url()).pathname)
  await step(two, '确认还款')
  await two.getByRole('status').filter({ hasText: '已确认还款' }).waitFor()
  await one.reload()
}

test('what was paid is claimed back and repaid', async ({ open }) => {
  const [office, finance, other, leader, firm] = await Promise.all([open(), open(), open(), open(), open()])
  for (const [page, login] of [[office, 'jingxin'], [finance, 'finance'], [other, 'finance2'], [leader, 'leader'], [firm, 'firm']]) await signIn(page, tenant, login)

  // Decided at once, paid, and drawn to be checked, as the test of standing items walks it on pages.
  await office.goto(`/${tenant}/desk/rounds/new`)
  await office.getByLabel('名称', { exact: true }).fill(title)
  await office.getByLabel('编号').fill('2026-即01')
  const option = await office.getByLabel('选择政策').locator('option', { hasText: scheme }).first().getAttribute('value')
  await office.getByLabel('选择政策').selectOption(option)
  await office.getByRole('button', { name: '加入批次', exact: true }).click()
  await office.getByLabel('办理流程').selectOption('即申即享')
  await office.getByLabel('考核年度').fill('2023')
  const opens = await office.getByLabel('申报开始').inputValue()
  await office.getByLabel('申报截止').fill(new Date(Date.parse(opens) + 364 * 86400_000).toISOString().slice(0, 10))
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByRole('heading', { name: title }).waitFor()
  const round = office.url().split('/').at(-1)
  await act(office, '开放申报')
  await budgeted(finance, tenant, round, '本级财政', '100000')
  const party = (await call(firm, 'GET', '/api/session')).body.actor.grants[0].party
  await firm.goto(`/${tenant}/firm/${party}/receivables`)
  await firm.getByText('没有要退回的资金').waitFor()
  await both(firm, 'receivable-firm-none')
  const { id } = await ask(firm, 'POST', '/cases', { round, scheme: option, party })
  const { version } = await ask(firm, 'GET', `/cases/${id}/form`)
  await ask(firm, 'PUT', `/cases/${id}/draft`, { version, draft: { statements: [], commitment: true, contact: '张三', phone: '13800000000' } })
  await firm.goto(`/${tenant}/firm/${party}/cases/${id}`)
  await act(firm, '提交')
  await registerAccount(firm, tenant, { holder: '慈溪市岚渡智能电器有限公司', bank: '演示银行周巷支行', number: '6222 0200 0000 1234' })
  await confirmAccount(finance, tenant, '开户许可证')
  const rows = await ordered(finance, other, tenant, round, '慈财演〔2026〕2号')
  await answered(finance, rows, ['成功', 'YH00000009', await today(finance, tenant), ''])
  await office.goto(`/${tenant}/desk/rounds/${round}`)
  await act(office, '随机抽查')
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await act(office, '不符', (p) => p.getByRole('textbox').first().fill('抽查发现产值与账册不符'))

  // The leader decides; what is owed stands on the firm's page with why, until when and how.
  await leader.goto(`/${tenant}/desk/cases/${id}`)
  await leader.getByText('正在等待负责人决定是否追回').first().waitFor()
  await act(leader, '决定追回', (p) => p.getByRole('textbox').first().fill('经核对不符合条件，追回已付的全部资金'))
  await leader.getByText('已决定追回已付的资金').first().waitFor()
  await both(leader, 'receivable-decided')
  const due = new Date(Date.parse(await today(firm, tenant)) + 30 * 86400_000).toISOString().slice(0, 10)
  await firm.goto(`/${tenant}/firm/${party}/receivables`)
  await firm.getByText('追回已付的全部资金').waitFor()
  await firm.getByText(`${due}（当天退回不算逾期）`).waitFor()
  await firm.getByText('不计息').waitFor()
  await both(firm, 'receivable-firm-owes')

  // Two repayments, each by two people; the case does not end before the last.
  await finance.goto(`/${tenant}/desk/receivables`)
  await finance.getByRole('link', { name: '慈溪市岚渡智能电器有限公司' }).waitFor()
  await both(finance, 'receivable-list')
  await finance.getByRole('link', { name: '慈溪市岚渡智能电器有限公司' }).click()
  await finance.getByRole('heading', { name: '登记还款' }).waitFor()
  await both(finance, 'receivable-desk')
  await repaid(finance, other, '10000', 'HK00000001')
  await finance.getByText('部分已还').first().waitFor()
  await finance.getByText('1.5万元').first().waitFor()
  await both(other, 'receivable-desk-partly')
  await repaid(finance, other, '15000', 'HK00000002')
  await finance.getByText('已结清').first().waitFor()
  assert.equal(await finance.getByRole('heading', { name: '登记还款' }).count(), 0)
  await both(finance, 'receivable-desk-settled')
  await firm.reload()
  await firm.getByText('已结清').first().waitFor()
  await firm.getByText('HK00000002').waitFor()
  await both(firm, 'receivable-firm-settled')
  await office.reload()
  await act(office, '追回办结')
  await office.getByText('追回的资金已退回或核销，办理结束').first().waitFor()
  const facts = await ask(office, 'GET', `/parties/${party}/facts`)
  assert.ok(!JSON.stringify(facts).includes('"25000元"'), 'what came back still counts as received')
})
