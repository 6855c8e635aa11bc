// Two rounds of a top-up (补差): a firm gets the award of a lower level, rises to a higher one, and the second round deducts what the first paid.
//
// By hand, from the clause (省级 20, 市级 10, 国家级 30, all 万元, 实行补差): the first round gives up to 10 − 0 = 10, and 10 are decided and paid;
// the second gives up to 30 − 10 = 20, and 20 are decided and paid: 30 in all, as if the higher level had come first.
//
// The stages that main-job walks on pages are taken by calls here; making the rounds, what the firm is told, the second review and all money are
// on pages.
import assert from 'node:assert/strict'
import { act, call, county, phone, picture, signIn } from './harness.js'
import { answered, budgeted, confirmAccount, ordered, today } from './payment.js'

const tenant = 'cixi'
const test = county()
const scheme = '制造业与互联网融合示范奖励'
const departments = ['fagai', 'shuiwu', 'yingji', 'huanjing']
const clear = { findings: { hit: false } }

/** A call that must succeed. */
async function ask(page, method, path, body) {
  const r = await call(page, method, `/api/${tenant}${path}`, body)
  assert.ok(r.status < 300, `${method} ${path}: ${JSON.stringify(r)}`)
  return r.body
}

/** Takes an action that is offered, without its page. */
async function take(page, path, action, reason, data) {
  const task = (await ask(page, 'GET', `${path}/progress`)).tasks.find((t) => t.actions.some((a) => a.key === action))
  assert.ok(task, `${action} is not offered`)
  await ask(page, 'POST', `${path}/actions`, { task: task.id, version: task.version, action, ...(reason ? { reason } : {}), ...(data ? { data } : {}) })
}

/** An officer makes a round of the top-up on the page and opens it. */
async function opened(office, number, name) {
  const day = await today(office, tenant)
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: '新开批次' }).click()
  await office.getByLabel('名称', { exact: true }).fill(name)
  await office.getByLabel('编号').fill(number)
  await office.getByLabel('办理流程').selectOption('奖补资金申报评审')
  await office.getByLabel('考核年度').fill('2022')
  await office.getByLabel('申报截止').fill(`${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('02-29', '02-28')}`)
  await office.getByLabel('公示期', { exact: true }).selectOption('本批另定')
  await office.getByLabel('公示期的天数').fill('1')
  await office.getByLabel('公示期的单位').selectOption('日')
  await office.getByLabel('申报通知').fill('演示批次，时间是虚构的；条款来自慈政办发〔2022〕38号，按原规定办理2022年度的奖励。')
  await office.getByLabel('选择政策').selectOption('cx2022/C027')
  await office.getByRole('button', { name: '加入批次' }).click()
  await office.getByRole('heading', { name: scheme }).waitFor()
  await picture(office, `round-form-${number}-desktop`, { full: true })
  await office.setViewportSize(phone)
  await picture(office, `round-form-${number}-phone`, { full: true })
  await office.setViewportSize({ width: 1440, height: 900 })
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByRole('heading', { name }).waitFor()
  await act(office, '开放申报')
  return office.url().split('/').at(-1)
}

/** The firm applies, the window accepts, the departments find nothing. */
async function applied(open, firm, party, round) {
  const { id } = await ask(firm, 'POST', '/cases', { round, scheme: 'cx2022/C027', party })
  const { version } = await ask(firm, 'GET', `/cases/${id}/form`)
  await ask(firm, 'PUT', `/cases/${id}/draft`, { version, draft: { statements: [], commitment: true, contact: '王芳', phone: '13800000000' } })
  await take(firm, `/cases/${id}`, '提交')
  const window = await open()
  await signIn(window, tenant, 'zhouxiang')
  await take(window, `/cases/${id}`, '受理')
  await Promise.all(departments.map(async (login) => {
    const p = await open()
    await signIn(p, tenant, login)
    await take(p, `/cases/${id}`, '反馈核查结果', '无问题', clear)
  }))
  return id
}

/** The round is closed early, settled and published. */
async function published(office, round) {
  await take(office, `/rounds/${round}`, '截止申报', '浏览器测试提前截止')
  await take(office, `/rounds/${round}`, '冻结结算')
  await take(office, `/rounds/${round}`, '发布公示')
}

/** The notice is over: the leader decides, two of finance pay on their pages. It returns who they are. */
async function decidedAndPaid(open, round, yuan, document, serial, before = async () => {}) {
  const people = {}
  for (const login of ['jingxin', 'leader', 'finance', 'finance2']) {
    people[login] = await open()
    await signIn(people[login], tenant, login)
  }
  const { jingxin, leader, finance, finance2 } = people
  await take(jingxin, `/rounds/${round}`, '提交决定')
  await budgeted(finance, tenant, round, '本级财政', yuan)
  await take(leader, `/rounds/${round}`, '同意支持', '同意')
  await take(finance, `/rounds/${round}`, '下达资金')
  await before(people)
  const rows = await ordered(finance, finance2, tenant, round, document)
  assert.equal(rows[1][4], yuan)
  await answered(finance, rows, ['成功', serial, await today(finance, tenant), ''])
  await take(finance, `/rounds/${round}`, '办结')
  return people
}

test('the second round of a top-up deducts what the first paid', async ({ open, later }) => {
  // The lower level, and that nothing was received before.
  let office = await open()
  await signIn(office, tenant, 'jingxin')
  let firm = await open()
  await signIn(firm, tenant, 'firm')
  const party = (await call(firm, 'GET', '/api/session')).body.actor.grants[0].party
  await ask(office, 'POST', `/parties/${party}/facts`, { term: '融合示范', record: { from: '2021-05-01', fields: { 级别: '市级' } }, evidence: '公布名单（演示）' })
  const county = await open()
  await signIn(county, tenant, 'officer')
  await ask(county, 'POST', '/coverage', { kind: 'received', through: await today(county, tenant), evidence: '财政账册（演示）' })

  const first = await opened(office, '补差-01', '融合示范奖励第一批（演示）')
  const lower = await applied(open, firm, party, first)
  await take(office, `/cases/${lower}`, '通过', '', { amount: 10_0000_00, reason: '按条款上限核定' })
  await published(office, first)
  await later(12)
  let people = await decidedAndPaid(open, first, '100000', '慈财演〔2026〕2号', 'YH00000011', async ({ finance }) => {
    firm = await open()
    await signIn(firm, tenant, 'firm')
    await ask(firm, 'PUT', `/treasury/parties/${party}/account`, { holder: '慈溪市岚渡智能电器有限公司', bank: '演示银行周巷支行', number: '6222020000001234' })
    await confirmAccount(finance, tenant, '开户许可证')
  })

  // The level rises: an officer of the department that vouches for it says so, with what it rests on.
  office = people.jingxin
  await office.goto(`/${tenant}/desk/parties/${party}/facts`)
  await office.getByRole('button', { name: '添加数据' }).click()
  await office.getByLabel('要添加哪一项数据').fill('融合示范')
  await office.getByRole('button', { name: '融合示范', exact: true }).click()
  await office.getByLabel('起始日期').fill('2022-05-01')
  await office.getByLabel('级别').selectOption('国家级')
  await office.getByLabel('依据').fill('公布名单（演示）')
  await picture(office, 'level-desktop', { full: true })
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByText('国家级').first().waitFor()
  const books = await open()
  await signIn(books, tenant, 'officer')
  await books.goto(`/${tenant}/desk/coverage`)
  await books.getByRole('button', { name: '声明已兑付的奖补资金的截止日期' }).click()
  await books.getByLabel('依据').fill('财政账册（演示）')
  await books.locator('form').getByRole('button', { name: '声明齐全' }).click()
  await books.getByRole('status').filter({ hasText: '已声明' }).waitFor()

  const second = await opened(office, '补差-02', '融合示范奖励第二批（演示）')
  await firm.goto(`/${tenant}/firm/cases`)
  const opening = firm.locator('li', { hasText: scheme }).filter({ has: firm.getByRole('button', { name: /去申报/ }) })
  await opening.getByText('20万元').waitFor()
  await picture(firm, 'second-round-desktop', { full: true })
  const higher = await applied(open, firm, party, second)

  // The review sees what was paid, by which batch, and what is left.
  await office.goto(`/${tenant}/desk/cases/${higher}`)
  const reckoning = office.locator('section', { has: office.getByRole('heading', { name: '测算' }) })
  await reckoning.getByText('20万元').first().waitFor()
  await reckoning.locator('summary', { hasText: '为什么' }).click()
  await reckoning.getByText(`最高30万元 − 10万元（此前已获“${scheme}”的金额） = 最高20万元`).first().waitFor()
  const evidence = office.locator('section', { has: office.getByRole('heading', { name: '证据' }) })
  await evidence.getByText('10万元').first().waitFor()
  await evidence.getByText('财政兑付').first().waitFor()
  await picture(office, 'top-up-case-desktop', { full: true })
  await office.setViewportSize(phone)
  await picture(office, 'top-up-case-phone', { full: true })
  await office.setViewportSize({ width: 1440, height: 900 })
  await act(office, '通过', async (p) => {
    await p.getByLabel('核定的理由').fill('国家级30万元，减去第一批已得的10万元')
  })
  await published(office, second)
  await later(24)
  people = await decidedAndPaid(open, second, '200000', '慈财演〔2026〕3号', 'YH00000012')

  const decision = people.leader
  await decision.goto(`/${tenant}/desk/rounds/${second}`)
  await decision.locator('summary', { hasText: '1件' }).click()
  await decision.getByText('应兑现20万元').waitFor()
  await picture(decision, 'top-up-decision-desktop', { full: true })
  firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  await firm.goto(`/${tenant}/firm/${party}/cases/${higher}`)
  await firm.getByText('资金已到账').first().waitFor()
  await firm.goto(`/${tenant}/firm/facts`)
  for (const sum of ['10万元', '20万元']) await firm.getByText(sum).first().waitFor()
  await picture(firm, 'received-phone', { full: true })
})
