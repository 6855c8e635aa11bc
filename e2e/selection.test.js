// A selection with experts, walked by those who make it: an officer who imports a pool, draws and sums up, experts on their phones, a leader who decides a
// tie, an applicant, the public. Four apply for three places of a scheme that is invented; two tie for the last, and an objection puts one out.
import assert from 'node:assert/strict'
import { account, ok, pdf, published, send, signedIn } from './given.js'
import { act, both, call, county, phone, picture } from './harness.js'
import { budgeted } from './payment.js'
import { workbook } from './workbook.js'

const tenant = 'cixi'
const test = county()
const office = '市人力社保局'
const title = '工匠遴选（虚构的示例）'
const scheme = `document: selection-sample
title: 工匠遴选（虚构的示例）
number: not_found
body: 慈溪市人力社保局
dates: {published: 2026-01-01}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
notes:
- {choice: 这份文件是为演示编的，不是政策, by: 起草组, status: assumption}
schemes:
  工匠遴选:
    title: ${title}
    cite: not_found
    office: ${office}
    text: 每年遴选3名，给予1万元。
    for: 个人
    kind: money
    require: {has: 技能荣誉@有效, text: 技能荣誉获得者, cite: not_found}
    amount: {give: 1万元, text: 1万元, cite: not_found}
    limits:
    - {at_most: 3次, per: [年度], share: rank, key: 优秀技能人才遴选评分, tie: manual, text: 每年遴选3名}
    process: 评选遴选
    examples:
    #= 有技能荣誉：1万元。
    - {P: 2025, given: {技能荣誉: 2021-05-01}, expect: {answer: met, amount: 1万元}}
    #= 没有：不符合。
    - {P: 2025, given: {技能荣誉: 否}, expect: {answer: unmet}}
`
const people = ['陈一诺', '林二川', '沈三元', '方四维']

test('a selection with experts, a tie and an objection', async ({ open, later }) => {
  // What is there before: the scheme, the people with their honours, the accounts.
  const admin = await signedIn(open, tenant, 'admin')
  await published(admin, open, tenant, 'cixi/selection-sample.yaml', '工匠遴选示例', scheme)
  await account(admin, open, tenant, 'zhuban', '主办人周', [{ role: 'officer', department: office }])
  await account(admin, open, tenant, 'chief', '负责人吴', [{ role: 'leader', department: office }])
  const experts = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6']
  for (const [i, login] of experts.entries()) await account(admin, open, tenant, login, `专家${i + 1}`, [{ role: 'expert' }])
  const today = ok(await call(admin, 'GET', `/api/${tenant}/about`)).today
  let clerk = await signedIn(open, tenant, 'zhuban')
  const parties = []
  for (const name of people) {
    const p = ok(await call(clerk, 'POST', `/api/${tenant}/parties`, { kind: '个人', name, town: '周巷镇' }))
    parties.push(p.id)
    ok(await call(clerk, 'POST', `/api/${tenant}/parties/${p.id}/facts`, { term: '技能荣誉', record: { from: '2024-05-01', fields: { 名称: '首席工人' } }, evidence: '虚构的示例' }))
  }
  await account(admin, open, tenant, 'gongjiang', people[0], parties.map((party) => ({ role: 'firm', party })))

  // The pool comes in a workbook: one bad cell, and nothing is written.
  const heading = ['部门', '姓名', '电话', '登录名', '专业', '工作单位', '单位统一社会信用代码', '有关系的单位或个人', '聘期开始', '聘期结束', '状态']
  const rows = experts.map((login, i) => [office, `专家${i + 1}`, '13700000000', login, '数控加工、模具制造', `虚构第${i + 1}研究院`, '', '', '2026-01-01', '', '在聘'])
  const book = (list) => ({ name: '专家库.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook('专家库', [heading, ...list]) })
  await clerk.goto(`/${tenant}/desk/experts`)
  await clerk.getByText('还没有专家').waitFor()
  await both(clerk, 'selection-pool-empty')
  clerk.allow(422)
  await clerk.locator('input[type=file]').setInputFiles(book([rows[0], rows[1].with(8, '去年').with(4, ''), ...rows.slice(2)]))
  await clerk.getByText(/第3行“聘期开始”（I3）/).waitFor()
  await both(clerk, 'selection-pool-wrong')
  await clerk.locator('input[type=file]').setInputFiles(book(rows))
  await clerk.getByRole('status').filter({ hasText: '已入库6人' }).waitFor()
  await both(clerk, 'selection-pool')

  // The round; the applicant applies on a page, the other three the same way without one.
  const made = ok(await call(clerk, 'POST', `/api/${tenant}/rounds`, { number: 'GJ2026', title: '2026年工匠遴选（虚构的示例）', process: '评选遴选', performance: 2025, opens: today, closes: today, department: office,
    body: '每年遴选3名。材料中请不要写姓名和单位，专家盲评。', schemes: [{ scheme: 'selection-sample/工匠遴选', department: office, materials: [{ key: '业绩', title: '业绩材料（不写姓名）', required: true }] }] }))
  const at = `/${tenant}/desk/rounds/${made.id}`
  await clerk.goto(at)
  await both(clerk, 'selection-round-new')
  await act(clerk, '开放申报')
  let applicant = await signedIn(open, tenant, 'gongjiang')
  const cases = []
  for (const [i, party] of parties.entries()) {
    const k = ok(await call(applicant, 'POST', `/api/${tenant}/cases`, { round: made.id, scheme: 'selection-sample/工匠遴选', party }))
    cases.push(k.id)
    ok(await send(applicant, `/api/${tenant}/cases/${k.id}/files`, { material: '业绩' }, ['file', `${people[i]}.pdf`, pdf]))
  }
  for (const [i, party] of parties.entries()) {
    await applicant.goto(`/${tenant}/firm/${party}/cases/${cases[i]}`)
    await applicant.getByLabel('联系人').fill(people[i])
    await applicant.getByLabel('联系电话').fill('13800000000')
    await applicant.getByLabel('已阅读并同意以上承诺').check()
    await applicant.getByText('已保存').waitFor()
    if (i === 0) await both(applicant, 'selection-apply')
    await act(applicant, '提交')
  }
  await both(applicant, 'selection-applied')

  // The form check, many at once; then the draw.
  for (const id of cases) {
    await clerk.goto(`/${tenant}/desk/cases/${id}`)
    if (id === cases[0]) await both(clerk, 'selection-check')
    await act(clerk, '通过')
  }
  await clerk.goto(at)
  await act(clerk, '截止申报', (p) => p.getByLabel(/说明/).fill('测试提前截止'))
  await both(clerk, 'selection-closed')
  await act(clerk, '抽取专家')
  await clerk.getByText('复核一致').waitFor()
  await both(clerk, 'selection-drawn')
  const panelOf = async () => ok(await call(clerk, 'GET', `/api/${tenant}/rounds/${made.id}/panels`)).items[0]
  const { id: panel, lot } = await panelOf()
  const drawn = lot.map((t) => experts[Number(t.name.slice(-1)) - 1])

  // The first of the lot, on the phone: told, declares, scores.
  let expert = await signedIn(open, tenant, drawn[0], phone)
  await expert.setViewportSize(phone)
  await expert.goto(`/${tenant}/expert`)
  await expert.getByText('请先声明').waitFor()
  await picture(expert, 'selection-seats-phone', { full: true })
  await expert.getByRole('link', { name: /2026年工匠遴选/ }).click()
  await expert.getByText('回避声明').waitFor()
  await both(expert, 'selection-declare')
  await expert.setViewportSize(phone)
  await expert.getByRole('button', { name: '声明没有应当回避的情形' }).click()
  await expert.getByText('还有4件没有提交').waitFor()
  await both(expert, 'selection-score')
  await expert.setViewportSize(phone)
  for (const name of people) assert.ok(!(await expert.locator('main').innerText()).includes(name), `the page of a blind expert says ${name}`)

  // 86, 85 and twice 80 of most experts; who gives what is by the case, which an expert knows by its code only.
  const codes = await expert.locator('summary strong').allInnerTexts()
  assert.deepEqual(codes, ['1号', '2号', '3号', '4号'])
  const totals = [86, 85, 80, 80]
  const give = async (page, code, total, submit) => {
    const seat = ok(await call(page, 'GET', `/api/${tenant}/seats/${panel}`))
    const sheet = seat.sheets.find((x) => x.code === code)
    return ok(await call(page, 'PUT', `/api/${tenant}/seats/${panel}/sheets/${code}`, { version: sheet.version, submit, marks: [{ item: '技术技能水平', points: '35' }, { item: '创新成果和贡献', points: String(total - 50) }, { item: '传承和带徒', points: '15' }] }))
  }
  const first = expert.locator('details', { hasText: '1号' }).first()
  await first.getByLabel('技术技能水平').fill('35')
  await first.getByLabel('创新成果和贡献').fill('41')
  await first.getByLabel('传承和带徒').fill('15')
  expert.allow(422)
  await first.getByRole('button', { name: '提交评分' }).click()
  await first.getByRole('button', { name: /确认提交/ }).click()
  await first.getByText(/最高40分/).first().waitFor()
  await picture(expert, 'selection-score-wrong-phone', { full: true })
  await first.getByLabel('创新成果和贡献').fill('36')
  await first.getByRole('button', { name: '提交评分' }).click()
  await first.getByRole('button', { name: '确认提交86分' }).click()
  await expert.getByRole('status').filter({ hasText: '1号已提交' }).waitFor()
  await picture(expert, 'selection-scored-one-phone', { full: true })
  for (const n of [2, 3, 4]) await give(expert, String(n), totals[n - 1], true)
  await expert.context().close()

  // The others; one is away, and who follows scores in their place.
  for (const login of drawn.slice(1, 5)) {
    const page = await signedIn(open, tenant, login)
    ok(await call(page, 'POST', `/api/${tenant}/seats/${panel}/declaration`, { conflicts: [] }))
    for (const n of [1, 2, 3, 4]) if (login !== drawn[4] || n < 4) await give(page, String(n), totals[n - 1], true)
    await page.context().close()
  }
  await clerk.goto(at)
  await clerk.getByText('还有1份评分没有提交').first().waitFor()
  await both(clerk, 'selection-one-missing')
  await clerk.locator('li', { hasText: '提交3／4件' }).getByRole('button', { name: '不能参加' }).click()
  await clerk.getByLabel('不能参加的原因').fill('生病住院')
  await clerk.getByRole('button', { name: '换下，没有评的由候补递补' }).click()
  await clerk.getByText('已退出，此前提交3件').waitFor()
  const sixth = await signedIn(open, tenant, drawn[5], phone)
  await sixth.goto(`/${tenant}/expert/${panel}`)
  await sixth.getByRole('button', { name: '声明没有应当回避的情形' }).click()
  await sixth.getByText('还有1件没有提交').waitFor()
  await give(sixth, '4', 80, true)
  await clerk.reload()
  await act(clerk, '汇总评分')
  await clerk.getByText('得分和名次').waitFor()
  await clerk.getByLabel('评审意见').fill('按得分从高到低推荐3名。')
  await both(clerk, 'selection-summed')
  await clerk.getByRole('button', { name: '保存评审意见' }).click()
  await clerk.getByRole('button', { name: '保存评审意见' }).waitFor()

  // The chair signs on the phone.
  expert = await signedIn(open, tenant, drawn[0], phone)
  await expert.goto(`/${tenant}/expert/${panel}`)
  await expert.getByRole('button', { name: '签署纪要' }).waitFor()
  await picture(expert, 'selection-minutes-phone', { full: true })
  await expert.getByRole('button', { name: '签署纪要' }).click()
  await expert.getByText('纪要已签署。').waitFor()

  // The tie stops the settlement; the leader decides it with a reason.
  await clerk.reload()
  clerk.allow(409)
  await clerk.getByRole('button', { name: '排名结算', exact: true }).click()
  await clerk.getByRole('button', { name: '确认排名结算' }).click()
  await clerk.getByText(/末位并列/).first().waitFor()
  await both(clerk, 'selection-tie')
  let leader = await signedIn(open, tenant, 'chief')
  await leader.goto(at)
  await leader.getByRole('button', { name: '裁定并列', exact: true }).waitFor()
  const ranked = (await panelOf()).cases
  const [, , third, fourth] = ranked
  assert.ok(third.tied && fourth.tied && third.score === '80.00')
  await act(leader, '裁定并列', async (p) => {
    await p.getByLabel(new RegExp(third.number)).check()
    await p.getByLabel(new RegExp(fourth.number)).check()
    await p.getByLabel('理由').fill('第一名有省级一类大赛名次')
    await both(leader, 'selection-places')
  })
  await clerk.reload()
  await act(clerk, '排名结算')
  await clerk.getByRole('button', { name: '发布公示', exact: true }).click()
  await both(clerk, 'selection-publish')
  await clerk.getByRole('button', { name: '确认发布公示' }).click()
  await clerk.getByRole('status').filter({ hasText: '已发布公示' }).waitFor()

  // The public reads three names and objects to the first.
  const anybody = await open()
  await anybody.goto(`/${tenant}/rounds`)
  await anybody.getByRole('link', { name: /2026年工匠遴选.*公示/ }).first().click()
  await anybody.getByText(third.party).first().waitFor()
  const said = await anybody.locator('main').innerText()
  assert.ok(!said.includes(fourth.party) && !said.includes('13800000000') && !said.includes('80.00'))
  await both(anybody, 'selection-notice')
  await anybody.locator('tr, li', { hasText: ranked[0].party }).first().getByRole('button', { name: /异议/ }).click()
  await anybody.getByLabel('真实姓名').fill('赵国强')
  await anybody.getByLabel('联系方式').fill('13911112222')
  await anybody.getByLabel('异议内容和事实依据').fill('这名工匠的荣誉证书已于2025年被撤销，附撤销决定的文号。')
  await anybody.getByRole('button', { name: '实名提交' }).click()
  await anybody.getByRole('heading', { name: '异议已收到' }).waitFor()
  await both(anybody, 'selection-objected')

  // It is upheld: the first is out, the ranking is made anew, the fourth comes in, and there is a notice anew.
  await clerk.goto(`/${tenant}/desk/objections?round=${made.id}`)
  await clerk.getByRole('button', { name: '是否受理' }).click()
  await clerk.getByLabel('理由').fill('署名齐全，予以受理')
  await clerk.getByRole('button', { name: '受理', exact: true }).click()
  await clerk.getByRole('button', { name: '作出处理' }).click()
  await clerk.getByLabel('理由').fill('经核实，荣誉已被撤销')
  await clerk.getByRole('button', { name: '异议成立', exact: true }).click()
  await clerk.locator('strong', { hasText: '异议成立' }).waitFor()
  await both(clerk, 'selection-upheld')
  await clerk.goto(`/${tenant}/desk/cases/${ranked[0].case}`)
  await act(clerk, '改为不予支持', (p) => p.getByLabel('理由').fill('荣誉已被撤销，异议成立'))
  await clerk.goto(at)
  await act(clerk, '重新排名', (p) => p.getByLabel('理由').fill('异议成立，一名退出'))
  await act(clerk, '排名结算')
  await act(clerk, '发布公示', (p) => p.getByLabel(/说明/).fill('异议成立，一名退出，一名递补'))
  await both(clerk, 'selection-again')
  await anybody.goto(`/${tenant}/rounds`)
  await anybody.getByRole('link', { name: /2026年工匠遴选.*公示/ }).first().click()
  await anybody.getByText(fourth.party).first().waitFor()
  assert.ok(!(await anybody.locator('main').innerText()).includes(ranked[0].party))
  await both(anybody, 'selection-notice-again')

  // The notice is over: budget, decision, and what the applicants read.
  await later(20)
  clerk = await signedIn(open, tenant, 'zhuban')
  await clerk.goto(at)
  await act(clerk, '提交决定')
  const finance = await signedIn(open, tenant, 'finance')
  await budgeted(finance, tenant, made.id, '本级财政', '30000')
  leader = await signedIn(open, tenant, 'chief')
  await leader.goto(at)
  await both(leader, 'selection-decide')
  await act(leader, '同意入选', (p) => p.getByLabel('意见').fill('同意'))
  await both(leader, 'selection-decided')
  applicant = await signedIn(open, tenant, 'gongjiang', phone)
  await applicant.goto(`/${tenant}/firm/${parties[people.indexOf(fourth.party)]}/cases/${fourth.case}`)
  await applicant.getByText('已决定入选').first().waitFor()
  await both(applicant, 'selection-in')
  await applicant.goto(`/${tenant}/firm/${parties[people.indexOf(ranked[0].party)]}/cases/${ranked[0].case}`)
  await applicant.getByText('经审核不予支持').first().waitFor()
  await both(applicant, 'selection-out')
})
