// A recognition, walked by those who make it: firms apply, the county checks, puts them in order, tells the public and recommends them upward; the upper body's list is
// read in by one, confirmed by another; who was recognized is told and has a certificate, and the next day the policy that pays for it finds them. All of it is invented.
import assert from 'node:assert/strict'
import { account, ok, pdf, published, send, signedIn } from './given.js'
import { act, both, call, county, exported, phone } from './harness.js'
import { workbook } from './workbook.js'

const tenant = 'cixi'
const test = county()
const office = '市经信局'
const scheme = `document: recognition-sample
title: 示范企业认定和奖励（虚构的示例）
number: not_found
body: 慈溪市经济和信息化局
dates: {published: 2026-01-01}
periods: {当年: A, 上年: A-1}
rounding: {to: 0.01元, mode: down}
notes:
- {choice: 这份文件是为演示编的，不是政策, by: 起草组, status: assumption}
schemes:
  虚构示范企业:
    title: 虚构示范企业认定（示例）
    cite: not_found
    office: ${office}
    text: 上年营业收入1000万元以上，由省里认定，有效期3年。
    for: 企业
    kind: recognition
    require: {of: 营业收入@上年, at_least: 1000万元, text: 上年营业收入1000万元以上, cite: not_found}
    valid: 3年
    process: 推荐认定
    examples:
    #= 恰好1000万元：符合。
    - {A: 2026, given: {营业收入@2025: 1000万元}, expect: {answer: met}}
    #= 少1元：不符合。
    - {A: 2026, given: {营业收入@2025: 999.9999万元}, expect: {answer: unmet, gap: 1元}}
  虚构认定奖励:
    title: 新认定示范企业奖励（虚构的示例）
    cite: not_found
    office: ${office}
    text: 当年新认定的，奖励20万元。
    for: 企业
    kind: money
    require: {has: 虚构示范企业@当年, text: 当年认定的, cite: not_found}
    amount: {give: 20万元, text: 奖励20万元, cite: not_found}
    examples:
    #= 当年认定：20万元。
    - {A: 2026, given: {虚构示范企业: 2026-07-01..2029-06-30}, expect: {answer: met, amount: 20万元}}
    #= 没有认定：不符合。
    - {A: 2026, given: {虚构示范企业: 否}, expect: {answer: unmet}}
`
const firms = [
  ['虚构甲电器有限公司', '913302827700100023'],
  ['虚构乙轴承有限公司', '9133028277001111XL'],
  ['虚构丙模具有限公司', '91330282770012227E'],
]

test('a recognition recommended upward and returned', async ({ open, later }) => {
  // What is there before: the schemes, the firms with their turnover, the accounts.
  const admin = await signedIn(open, tenant, 'admin')
  await published(admin, open, tenant, 'cixi/recognition-sample.yaml', '示范企业示例', scheme)
  for (const [login, name] of [['zhuban', '主办人周'], ['shenhe', '审核人李'], ['hedui', '核对人王']]) await account(admin, open, tenant, login, name, [{ role: 'officer', department: office }])
  await account(admin, open, tenant, 'chief', '负责人吴', [{ role: 'leader', department: office }])
  await account(admin, open, tenant, 'tongji', '登记人', [{ role: 'officer' }])
  const today = ok(await call(admin, 'GET', `/api/${tenant}/about`)).today
  const year = Number(today.slice(0, 4))
  const registrar = await signedIn(open, tenant, 'tongji')
  const parties = []
  for (const [name, code] of firms) {
    const p = ok(await call(registrar, 'POST', `/api/${tenant}/parties`, { kind: '企业', name, code, town: '周巷镇', industry: '电器机械和器材制造业', size: '小型' }))
    parties.push(p.id)
    ok(await call(registrar, 'POST', `/api/${tenant}/parties/${p.id}/facts`, { term: '营业收入', year: year - 1, value: '3000万元', evidence: '虚构的示例' }))
  }
  await account(admin, open, tenant, 'qiye', '张三', parties.map((party) => ({ role: 'firm', party })))

  // The round; the firm applies.
  let clerk = await signedIn(open, tenant, 'zhuban')
  const made = ok(await call(clerk, 'POST', `/api/${tenant}/rounds`, { number: 'SF2026', title: '虚构示范企业推荐（示例）', process: '推荐认定', performance: year, opens: today, closes: today, department: office,
    body: '由省里认定，县里审核、推荐。', schemes: [{ scheme: 'recognition-sample/虚构示范企业', department: office, materials: [{ key: '申请书', title: '申请书', required: true }] }] }))
  const at = `/${tenant}/desk/rounds/${made.id}`
  await clerk.goto(at)
  await act(clerk, '开放申报')
  let firm = await signedIn(open, tenant, 'qiye')
  const cases = []
  for (const party of parties) {
    const k = ok(await call(firm, 'POST', `/api/${tenant}/cases`, { round: made.id, scheme: 'recognition-sample/虚构示范企业', party }))
    cases.push(k.id)
    ok(await send(firm, `/api/${tenant}/cases/${k.id}/files`, { material: '申请书' }, ['file', '申请书.pdf', pdf]))
    await firm.goto(`/${tenant}/firm/${party}/cases/${k.id}`)
    await firm.getByLabel('联系人').fill('张三')
    await firm.getByLabel('联系电话').fill('13800000000')
    await firm.getByLabel('已阅读并同意以上承诺').check()
    await firm.getByText('已保存').waitFor()
    if (cases.length === 1) await both(firm, 'recognition-apply')
    await act(firm, '提交')
  }
  const reviewer = await signedIn(open, tenant, 'shenhe')
  for (const id of cases) {
    await reviewer.goto(`/${tenant}/desk/cases/${id}`)
    if (id === cases[0]) await both(reviewer, 'recognition-review')
    await act(reviewer, '审核通过', (p) => p.getByLabel('意见').fill('材料齐全，符合条件'))
  }

  // The list in an order, the public notice, the leader, the workbook that goes upward.
  await clerk.goto(at)
  await act(clerk, '截止申报', (p) => p.getByLabel(/说明/).fill('测试提前截止'))
  await act(clerk, '审核完毕')
  await clerk.getByText('等待推荐的有3件').waitFor()
  await act(clerk, '形成推荐名单', async (p) => {
    for (const i of [2, 0, 1]) await p.getByRole('checkbox', { name: firms[i][0] }).check()
    await p.getByText('第3').waitFor()
    await both(p, 'recognition-order')
  })
  await act(clerk, '发布公示')
  await clerk.getByText('推荐名单', { exact: true }).waitFor()
  await both(clerk, 'recognition-list')
  const notice = ok(await call(clerk, 'GET', `/api/${tenant}/notices?round=${made.id}`)).items[0]
  const passer = await open(phone)
  await passer.goto(`/${tenant}/notices/${notice.id}`)
  await passer.getByRole('heading', { name: /拟推荐名单的公示/ }).waitFor()
  assert.ok(!(await passer.locator('main').innerText()).includes('合计￥'))
  await both(passer, 'recognition-notice')

  // A fortnight later the notice is over.
  await later(14)
  clerk = await signedIn(open, tenant, 'zhuban')
  await clerk.goto(at)
  await act(clerk, '提交审定')
  const chief = await signedIn(open, tenant, 'chief')
  await chief.goto(at)
  await act(chief, '同意推荐上报', (p) => p.getByLabel('意见').fill('同意推荐'))
  await clerk.reload()
  await clerk.getByText('由上级决定。公布以后在这里导入名单').waitFor()
  await both(clerk, 'recognition-waits')
  const { name, rows } = await exported(clerk, clerk.getByRole('button', { name: '下载推荐名单' }))
  assert.equal(name, '虚构示范企业推荐（示例）推荐名单.xlsx')
  assert.deepEqual(rows.slice(2).map((r) => r.slice(0, 3)), [2, 0, 1].map((i, n) => [String(n + 1), ...firms[i]]))
  firm = await signedIn(open, tenant, 'qiye', phone)
  await firm.goto(`/${tenant}/firm/${parties[0]}/cases/${cases[0]}`)
  await firm.getByText('由上级决定，本地不能决定').first().waitFor()
  await both(firm, 'recognition-firm-waits')

  // The list comes: a wrong cell, and nothing of it is read in; then it is.
  const now = ok(await call(clerk, 'GET', `/api/${tenant}/about`)).today
  const book = (list) => ({ name: '省厅公布名单.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook('名单', [['序号', '企业名称', '统一社会信用代码'], ...list]) })
  const good = [['1', ...firms[2]], ['2', ...firms[0]], ['3', '外县虚构有限公司', '913302827700133343']]
  await clerk.getByLabel('公布机关').fill('某省经济和信息化厅（虚构）')
  await clerk.getByLabel('文号').fill('虚构〔2026〕7号')
  await clerk.getByLabel('公布日期', { exact: true }).fill(now)
  await clerk.getByLabel('级别').selectOption('省级')
  clerk.allow(422)
  await clerk.locator('input[type=file]').setInputFiles(book([good[0], ['2', '虚构甲电器公司', firms[0][1]], good[2]]))
  await clerk.getByRole('button', { name: '导入名单' }).click()
  await clerk.getByText(/第3行“企业名称”（B3）/).waitFor()
  await both(clerk, 'recognition-read-wrong')
  await clerk.locator('input[type=file]').setInputFiles(book(good))
  await clerk.getByRole('button', { name: '导入名单' }).click()
  await clerk.getByRole('status').filter({ hasText: '已读入3家' }).waitFor()
  await clerk.getByText('推荐了，名单上没有').waitFor()
  await both(clerk, 'recognition-read')
  await act(clerk, '提交核对')

  // Another confirms it.
  const checker = await signedIn(open, tenant, 'hedui')
  await checker.goto(at)
  await act(checker, '核对无误', async (p) => {
    await p.getByRole('checkbox', { name: /虚构〔2026〕7号/ }).check()
    await p.getByLabel('意见').fill('与公布的名单一致')
    await both(p, 'recognition-confirm')
  })
  await checker.getByText('核对人王已核对').waitFor()
  await both(checker, 'recognition-confirmed')

  // Who was recognized has a certificate that anybody may verify; who was not is told.
  await firm.goto(`/${tenant}/firm/${parties[0]}/cases/${cases[0]}`)
  await firm.getByText('上级公布的名单中有您').first().waitFor()
  await both(firm, 'recognition-recognized')
  await firm.goto(`/${tenant}/firm/${parties[1]}/cases/${cases[1]}`)
  await firm.getByText('上级公布的名单中没有您').first().waitFor()
  const held = ok(await call(firm, 'GET', `/api/${tenant}/certificates`)).items
  assert.deepEqual(held.map((c) => c.holder).sort(), [firms[0][0], firms[2][0]].sort())
  const one = held.find((c) => c.holder === firms[0][0])
  assert.equal(one.number, '虚构〔2026〕7号-3')
  const anybody = await open(phone)
  await anybody.goto(`/${tenant}/verify?number=${encodeURIComponent(one.number)}`)
  await anybody.getByText('某省经济和信息化厅（虚构） 虚构〔2026〕7号（省级').waitFor()
  await both(anybody, 'recognition-verified')

  // The next day the policy that pays for it finds the firm.
  await later(15)
  firm = await signedIn(open, tenant, 'qiye')
  await firm.goto(`/${tenant}/firm/${parties[0]}`)
  await firm.getByText('新认定示范企业奖励（虚构的示例）').first().waitFor()
  await both(firm, 'recognition-award')
})
