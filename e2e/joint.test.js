// Joint acceptance (联合验收) by two departments: neither sees the other's opinion before both are given; they differ, the leader settles it
// with a reason, they are asked anew and agree, and the sum is set.
//
// By hand, from the clause (500 yuan for each whole million that revenue grew, in a year that it grew by a tenth): 6.6 − 6 亿元 = 6,000万元, 60 × 500 =
// 30,000 yuan at most. The officers and their opinions are invented.
import assert from 'node:assert/strict'
import { act, both, call, county, signIn } from './harness.js'
import { today } from './payment.js'

const tenant = 'cixi'
const test = county()

/** A call that must succeed. */
async function ask(page, method, path, body) {
  const r = await call(page, method, `/api/${tenant}${path}`, body)
  assert.ok(r.status < 300, `${method} ${path}: ${JSON.stringify(r)}`)
  return r.body
}

async function take(page, path, action) {
  const task = (await ask(page, 'GET', `${path}/progress`)).tasks.find((t) => t.actions.some((a) => a.key === action))
  assert.ok(task, `${action} is not offered`)
  await ask(page, 'POST', `${path}/actions`, { task: task.id, version: task.version, action })
}

/** The button, which says whose task it is. */
const opinion = (page) => page.getByRole('button', { name: /(^|：)给出意见$/ })

/** Gives an opinion on the page of the case. */
async function says(page, word, yuan, reason) {
  await opinion(page).click()
  await page.getByLabel(word, { exact: true }).check()
  await page.getByLabel('建议的金额（元）').fill(yuan)
  if (reason) await page.getByLabel(word === '有条件同意' ? '条件' : '理由', { exact: true }).fill(reason)
  await page.getByRole('button', { name: '确认给出意见' }).click()
  await page.getByRole('status').filter({ hasText: '已给出意见' }).waitFor()
}

test('two departments accept a project jointly', async ({ open }) => {
  const as = async (login) => {
    const page = await open()
    await signIn(page, tenant, login)
    return page
  }
  const office = await as('jingxin')
  const firm = await as('firm')
  const party = (await call(firm, 'GET', '/api/session')).body.actor.grants[0].party
  const county = await as('officer')
  const day = await today(county, tenant)
  for (const [year, value] of [[2023, '5亿元'], [2024, '6亿元'], [2025, '6.6亿元']]) {
    await ask(county, 'POST', `/parties/${party}/facts`, { term: '营业收入', year, value, evidence: '统计年报（演示）' })
  }
  await ask(county, 'POST', `/parties/${party}/facts`, { term: '规上数字经济制造业名录', record: { from: '2020-01-01' }, evidence: '名录（演示）' })
  const round = (await ask(office, 'POST', '/rounds', {
    number: '验收-01', title: '联合验收（演示）', process: '联合验收', performance: 2025, opens: day, closes: `${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('02-29', '02-28')}`, department: '市经信局',
    schemes: [{ scheme: 'cx2025/C001', department: '市经信局', materials: [] }],
  })).id
  await take(office, `/rounds/${round}`, '开放申报')
  const { id } = await ask(firm, 'POST', '/cases', { round, scheme: 'cx2025/C001', party })
  const { version } = await ask(firm, 'GET', `/cases/${id}/form`)
  await ask(firm, 'PUT', `/cases/${id}/draft`, { version, draft: { statements: [], commitment: true, contact: '王芳', phone: '13800000000' } })
  await take(firm, `/cases/${id}`, '提交')
  await take(office, `/cases/${id}`, '受理')

  // One gives an opinion; the other sees that it did, and not which.
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await opinion(office).click()
  await office.getByLabel('同意', { exact: true }).check()
  await both(office, 'joint-form')
  await office.getByRole('button', { name: '取消' }).click()
  await says(office, '同意', '30000', '')
  const treasury = await as('caizheng')
  await treasury.goto(`/${tenant}/desk/cases/${id}`)
  const card = (page) => page.getByRole('region', { name: '部门联合验收', exact: true })
  await card(treasury).getByText('还有部门没有给出意见').waitFor()
  await card(treasury).getByText('已给出', { exact: true }).waitFor()
  assert.equal(await card(treasury).getByText('建议 3万元').count(), 0)
  await both(treasury, 'joint-blind')

  // They differ: it goes to the leader, who sees who said what.
  await says(treasury, '有条件同意', '20000', '补交设备发票以后')
  await card(treasury).getByText('意见不一致').waitFor()
  const leader = await as('leader')
  await leader.goto(`/${tenant}/desk/cases/${id}`)
  await card(leader).getByText('同意：市经信局；有条件同意：市财政局').waitFor()
  await card(leader).getByText('建议的金额不同——2万元：市财政局；3万元：市经信局').waitFor()
  await both(leader, 'joint-differs')
  await act(leader, '重新验收', async (p) => p.getByLabel('理由').fill('发票已补交，请再看一次'))

  // The firm reads nothing of it.
  await firm.goto(`/${tenant}/firm/${party}/cases/${id}`)
  await firm.getByText('经信和财政两个部门正在联合验收').first().waitFor()
  assert.equal(await firm.getByText('补交设备发票').count(), 0)
  await both(firm, 'joint-firm')

  // Anew, and they agree.
  await treasury.reload()
  await says(treasury, '同意', '25000', '')
  await office.reload()
  await says(office, '同意', '25000', '')
  await card(office).getByText('意见一致').waitFor()
  await office.getByRole('region', { name: '以前的部门联合验收' }).getByText('意见不一致').waitFor()
  await both(office, 'joint-agreed')
  await act(office, '核定', async (p) => {
    await p.getByLabel('核定金额（元）').fill('25000')
    await p.getByLabel('核定的理由').fill('按两个部门一致的意见')
  })
  await office.getByText('正在等待负责人作出决定').first().waitFor()
})
