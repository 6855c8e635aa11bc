// A rating on 44 indicators, walked by those who make it: the firm scores itself with evidence, two officers score some on the spot (one value while
// the phone has no connection), four departments verify each score, the level follows from the verified scores alone, the public is told, the leader
// rates, and the firm reads what cost it most. The indicators, their points and the firm are invented.
//
// By hand: all 44 at their full mark are 100. The office takes 1 from 研发投入 (4 → 3) and 0.5 from 现场管理 (3 → 2.5), safety 2 from 安全责任
// (3 → 1): 100 − 3.5 = 96.5, five stars from 90 on.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { account, ok, pdf, signedIn, send } from './given.js'
import { act, both, call, county, phone } from './harness.js'
import { goers } from './visits.js'

const tenant = 'cixi'
const test = county()
const office = '市经信局'
const scheme = 'star-sample/企业管理星级示例'
const sample = (name) => readFile(new URL(`../schemes/patterns/${name}`, import.meta.url), 'utf8')
const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** A file of the sample that one administrator proposes and the other approves. */
async function publish(admin, approver, path, text) {
  const p = ok(await send(admin, `/api/${tenant}/publications/proposals`, { path, note: path }, ['file', path.split('/').at(-1), text]))
  await approver.goto(`/${tenant}/desk/policies`)
  await approver.getByRole('link', { name: path }).click()
  await approver.getByRole('button', { name: '核准并发布' }).click()
  await approver.getByRole('button', { name: '确定核准' }).click()
  await approver.getByText('已经发布').waitFor()
  return p
}

/** A department is done: the button says whose task it is while several are open. */
async function verified(page) {
  await page.getByRole('button', { name: /(^|：)核实完毕$/ }).click()
  await page.getByRole('button', { name: '确认核实完毕' }).click()
  await page.getByRole('status').filter({ hasText: '已核实完毕' }).waitFor()
}

test('a rating on 44 indicators', async ({ open, later }) => {
  const admin = await signedIn(open, tenant, 'admin')
  const approver = await signedIn(open, tenant, 'approver')
  for (const name of ['star-sample-vocabulary.yaml', 'star-sample.yaml', 'process-star-sample.yaml']) await publish(admin, approver, `cixi/${name}`, await sample(name))
  await approver.context().close()
  await account(admin, open, tenant, 'zhuban', '主办人周', [{ role: 'officer', department: office }])
  await account(admin, open, tenant, 'renshe', '核实人钱', [{ role: 'officer', department: '市人力社保局' }])
  await account(admin, open, tenant, 'chief', '负责人吴', [{ role: 'leader', department: office }])
  await account(admin, open, tenant, 'tongji', '登记人', [{ role: 'officer' }])
  const officers = await goers(open, tenant, office)
  const today = ok(await call(admin, 'GET', `/api/${tenant}/about`)).today
  const year = Number(today.slice(0, 4))
  const registrar = await signedIn(open, tenant, 'tongji')
  const party = ok(await call(registrar, 'POST', `/api/${tenant}/parties`, { kind: '企业', name: '虚构甲电器有限公司', code: '913302827700100023', town: '周巷镇', industry: '电器机械和器材制造业', size: '小型' })).id
  await account(admin, open, tenant, 'qiye', '张三', [{ role: 'firm', party }])

  // The round.
  let clerk = await signedIn(open, tenant, 'zhuban')
  const round = ok(await call(clerk, 'POST', `/api/${tenant}/rounds`, { number: 'XJ2026', title: '企业管理星级评价（示例）', process: '星级评价示例', performance: year - 1, opens: today, closes: today, department: office,
    body: '指标全部是虚构的示例。', schemes: [{ scheme, department: office, materials: [] }] })).id
  const at = `/${tenant}/desk/rounds/${round}`
  await clerk.goto(at)
  await act(clerk, '开放申报')

  // The firm scores itself.
  let firm = await signedIn(open, tenant, 'qiye')
  const { id } = ok(await call(firm, 'POST', `/api/${tenant}/cases`, { round, scheme, party }))
  const mine = `/${tenant}/firm/${party}/cases/${id}`
  await firm.goto(mine)
  await firm.getByText('还有44项没有自评').waitFor()
  const marks = ok(await call(firm, 'GET', `/api/${tenant}/cases/${id}/marks`))
  const items = marks.groups.flatMap((g) => g.items)
  assert.equal(items.length, 44)
  assert.equal(marks.groups.length, 11)
  const own = (title) => firm.getByLabel(`自评分：${title}`, { exact: true })
  await own('战略规划').fill('2.01')
  await firm.getByText('不能超过满分2分').waitFor()
  for (const x of items) await own(x.title).fill(x.full.replace('分', ''))
  await firm.getByText('自评合计 100分').waitFor()
  await firm.getByText('都已自评').waitFor()
  await firm.getByText(/自评得了分，请上传佐证/).waitFor()
  await both(firm, 'rating-self')
  for (const x of items.filter((y) => y.evidence)) {
    await firm.getByLabel(`上传佐证：${x.title}`).setInputFiles({ name: `${x.title}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(pdf) })
    await firm.getByRole('link', { name: `${x.title}.pdf` }).waitFor()
  }
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await act(firm, '提交')
  await firm.getByText('部门还没有核实完').waitFor()
  await both(firm, 'rating-submitted')

  // On the spot: two officers, one of whom types without a connection.
  await clerk.goto(`/${tenant}/desk/cases/${id}`)
  await clerk.getByRole('heading', { name: '得分' }).waitFor()
  await act(clerk, '安排现场评分', async (p) => {
    for (const name of ['王核查', '李核查']) await p.getByLabel(name).check()
    await p.getByLabel('核查的地点').fill('慈溪市周巷镇演示路1号')
    await p.getByLabel('可以选的时间').fill(`${new Date(Date.parse(`${today}T01:00:00Z`) + 3 * 86400e3).toISOString().slice(0, 11)}09:30`)
  })
  await firm.reload()
  await firm.getByRole('button', { name: /09:30/ }).click()
  await firm.getByText(/核查时间定在/).waitFor()
  const [walker, driver] = officers
  for (const p of officers) {
    await p.goto(`/${tenant}/desk/visits`)
    await p.getByRole('link', { name: /./ }).filter({ has: p.locator('strong') }).first().click()
    await p.getByText('这一页断网也能打开').waitFor()
  }
  const item = (n) => walker.getByRole('region', { name: `第${n}项`, exact: true })
  const sent = (p) => p.getByRole('status').filter({ hasText: '都已发送' }).waitFor()
  await item(1).getByText('满分3分 · 企业自评3分').waitFor()
  walker.lost = true
  await walker.context().setOffline(true)
  await item(1).getByLabel('分', { exact: true }).fill('2.5')
  await item(1).getByLabel('分', { exact: true }).blur()
  await walker.getByText('未发送 1 项').waitFor()
  await both(walker, 'rating-spot-offline')
  await walker.context().setOffline(false)
  await sent(walker)
  walker.lost = false
  for (const n of [2, 3]) {
    await item(n).getByLabel('分', { exact: true }).fill('2')
    await item(n).getByLabel('分', { exact: true }).blur()
  }
  await item(4).getByLabel('情况').fill('车间有一处通道堆放')
  await item(4).getByLabel('情况').blur()
  await item(1).getByLabel('第1项拍照').setInputFiles({ name: 'place.png', mimeType: 'image/png', buffer: onePixel })
  await sent(walker)
  await both(walker, 'rating-spot')
  await walker.getByRole('button', { name: '签字确认以上内容' }).click()
  await walker.getByRole('button', { name: '您已签字' }).waitFor()
  await driver.reload()
  await driver.getByRole('button', { name: '签字确认以上内容' }).click()
  await driver.getByText('已签字', { exact: true }).first().waitFor()
  for (const p of officers) await p.context().close()

  // The departments verify: each sees its own indicators, self score beside evidence, and says why it differs.
  await clerk.reload()
  await act(clerk, '转部门核实')
  const row = (p, title) => p.getByRole('group', { name: title, exact: true })
  await clerk.getByText('还有39项没有核实').waitFor()
  await row(clerk, '研发投入').getByLabel('核实得分：研发投入').fill('4.01')
  await clerk.getByText('不能超过满分4分').waitFor()
  await row(clerk, '研发投入').getByLabel('核实得分：研发投入').fill('3')
  await clerk.getByText('与自评的4分不同，请写明理由').waitFor()
  await row(clerk, '研发投入').getByLabel('理由：研发投入').fill('研发费用有一项不能计入')
  await row(clerk, '现场管理').getByLabel('核实得分：现场管理').fill('2.5')
  await row(clerk, '现场管理').getByLabel('理由：现场管理').fill('按现场评的')
  for (const x of items.filter((y) => y.department === office && !['研发投入', '现场管理'].includes(y.title))) await row(clerk, x.title).getByRole('button', { name: /同自评/ }).click()
  await clerk.getByText('39项没有保存').waitFor()
  await both(clerk, 'rating-verify')
  await clerk.getByRole('button', { name: '保存得分' }).click()
  await clerk.getByText('都已填好').waitFor()
  await verified(clerk)

  const safety = await signedIn(open, tenant, 'yingji')
  await safety.goto(`/${tenant}/desk/cases/${id}`)
  await row(safety, '安全责任').waitFor()
  assert.equal(await row(safety, '研发投入').count(), 0)
  await row(safety, '安全责任').getByLabel('核实得分：安全责任').fill('1')
  await row(safety, '安全责任').getByLabel('理由：安全责任').fill('有两个岗位没有签责任书')
  await row(safety, '隐患治理').getByRole('button', { name: /同自评/ }).click()
  await safety.getByRole('button', { name: '保存得分' }).click()
  await safety.getByText('都已填好').waitFor()
  await both(safety, 'rating-verify-department')
  await verified(safety)
  for (const [login, titles] of [['huanjing', ['环保合规']], ['renshe', ['技能评价', '劳动关系']]]) {
    const p = await signedIn(open, tenant, login)
    await p.goto(`/${tenant}/desk/cases/${id}`)
    for (const title of titles) await row(p, title).getByRole('button', { name: /同自评/ }).click()
    await p.getByRole('button', { name: '保存得分' }).click()
    await p.getByText('都已填好').waitFor()
    await verified(p)
    await p.context().close()
  }

  // What differs, to who proposes the level; then the public.
  await clerk.reload()
  await clerk.getByText('96.5分').first().waitFor()
  await clerk.getByText('按核实：五星级').waitFor()
  await clerk.getByLabel('只看不同的').check()
  assert.equal(await clerk.getByRole('group').filter({ has: clerk.getByText('满分') }).count(), 3)
  await both(clerk, 'rating-differs')
  await act(clerk, '拟定等级')
  await clerk.goto(at)
  await act(clerk, '截止申报', (p) => p.getByLabel(/说明/).fill('测试提前截止'))
  await act(clerk, '发布公示')
  const notice = ok(await call(clerk, 'GET', `/api/${tenant}/notices?round=${round}`)).items[0]
  const passer = await open(phone)
  await passer.goto(`/${tenant}/notices/${notice.id}`)
  await passer.getByRole('heading', { name: /拟评定等级名单的公示/ }).waitFor()
  await passer.getByRole('cell', { name: '五星级' }).waitFor()
  await both(passer, 'rating-notice')

  // After the notice: the leader rates, and the firm reads its marks.
  await later(14)
  clerk = await signedIn(open, tenant, 'zhuban')
  await clerk.goto(at)
  await act(clerk, '提交评定')
  const chief = await signedIn(open, tenant, 'chief')
  await chief.goto(`/${tenant}/desk/cases/${id}`)
  await both(chief, 'rating-decide')
  await act(chief, '评定等级', (p) => p.getByLabel('意见').fill('同意'))
  firm = await signedIn(open, tenant, 'qiye')
  await firm.goto(mine)
  await firm.getByText('已评定等级').first().waitFor()
  await firm.getByText('失分最多').waitFor()
  await firm.getByText('安全责任 −2分').waitFor()
  await firm.getByText('有两个岗位没有签责任书').waitFor()
  assert.equal(await firm.getByText('核实人').count(), 0)
  await both(firm, 'rating-firm')
  const held = ok(await call(firm, 'GET', `/api/${tenant}/certificates?party=${party}`)).items
  assert.equal(held[0].level, '五星级')
  await clerk.goto(at)
  await act(clerk, '办结')
})
