// The main job, walked by the people who do it: a firm applies, the window accepts, departments check, an officer reviews and sets the sum, the
// public is told and somebody objects, a leader decides, two of finance pay, first to an account that the bank refuses, and the money is traced.
import assert from 'node:assert/strict'
import { act, county, desktop, exported, phone, picture, signIn } from './harness.js'
import { answered, budgeted, confirmAccount, ordered, registerAccount, today } from './payment.js'

const tenant = 'cixi'
const test = county()
const scheme = '软件首版次产品奖励'

const pdf = {
  name: '审计报告.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n150\n%%EOF\n'),
}

test('from application to money in the account, with an objection on the way and a bank that refuses', async ({ open, later }) => {
  // The firm.
  let firm = await open()
  await signIn(firm, tenant, 'firm')
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.getByRole('heading', { name: '可以申报的' }).waitFor()
  await picture(firm, 'apply-desktop', { full: true })
  await firm.getByRole('button', { name: new RegExp(`去申报.*${scheme}`) }).click()
  await firm.getByRole('heading', { name: scheme }).waitFor()
  await firm.getByLabel('联系人').fill('王芳')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await firm.locator('li', { hasText: '列入目录的文件' }).locator('input[type=file]').first().setInputFiles(pdf)
  await firm.getByRole('link', { name: '审计报告.pdf' }).waitFor()
  await picture(firm, 'application-desktop', { full: true })
  await firm.setViewportSize(phone)
  await picture(firm, 'application-phone', { full: true })
  await firm.setViewportSize({ width: 1440, height: 900 })
  // What was typed is there after a reload.
  await firm.reload()
  assert.equal(await firm.getByLabel('联系人').inputValue(), '王芳')
  await act(firm, '提交')
  const url = firm.url()
  const id = url.split('/').at(-1)
  // Why the office's limit stands where it does is for the firm to read too.
  await firm.getByText('期限是怎样算的').click()
  await firm.getByText(/到“受理”起算，当日不计/).waitFor()
  await picture(firm, 'submitted-desktop', { full: true })
  await firm.setViewportSize(phone)
  await picture(firm, 'limit-phone', { full: true })
  await firm.setViewportSize(desktop)
  await firm.getByRole('link', { name: '打印申报书' }).click()
  await firm.getByRole('heading', { name: '申报书' }).waitFor()
  await picture(firm, 'printed-desktop', { full: true })

  // The window: first something is lacking, all of it named at once.
  const window = await open()
  await signIn(window, tenant, 'officer')
  await window.goto(`/${tenant}/desk/tasks`)
  await window.getByRole('link', { name: /电器|智能|科技|有限公司/ }).first().waitFor()
  await picture(window, 'inbox-desktop')
  await window.goto(`/${tenant}/desk/cases/${id}`)
  await act(window, '一次性告知补正', async (p) => {
    await p.getByLabel('第1项缺什么').fill('审计报告缺少签字页')
  })
  await firm.goto(url)
  await firm.getByText('审计报告缺少签字页').waitFor()
  await firm.getByText(/“受理”的期限停止计时，还剩\d+个工作日/).first().waitFor({ state: 'attached' })
  await act(firm, '重新提交')
  await window.reload()
  await window.getByText('期限是怎样算的').click()
  await window.getByText(/停止计时（“补正”）/).waitFor()
  await picture(window, 'limit-desktop', { full: true })
  await act(window, '受理')
  await picture(window, 'case-desktop', { full: true })

  // The departments. A round of another department is theirs to fetch a list from, and nothing more.
  const tax = await open()
  tax.allow(404)
  await signIn(tax, tenant, 'shuiwu')
  await tax.goto(`/${tenant}/desk/rounds`)
  await tax.getByRole('link', { name: /2025年度数字经济奖励申报/ }).click()
  const list = await exported(tax, tax.getByRole('button', { name: '下载核查名单' }))
  assert.equal(list.rows.length, 3, 'a title, a heading and the one case')
  assert.equal(await tax.getByRole('button', { name: '截止申报' }).count(), 0)
  for (const login of ['fagai', 'shuiwu', 'yingji', 'huanjing']) {
    const p = await open()
    await signIn(p, tenant, login)
    await p.goto(`/${tenant}/desk/cases/${id}`)
    await p.getByRole('button', { name: /反馈核查结果/ }).click()
    await p.getByLabel('无问题').check()
    await p.getByRole('button', { name: '确认反馈核查结果' }).click()
    await p.getByRole('status').filter({ hasText: '已反馈核查结果' }).waitFor()
    await p.context().close()
  }

  // The review: the sum below the ceiling, with a reason.
  const reviewer = await open()
  await signIn(reviewer, tenant, 'jingxin')
  await reviewer.goto(`/${tenant}/desk/cases/${id}`)
  await act(reviewer, '通过', async (p) => {
    await p.getByLabel('核定的理由').fill('按条款上限核定')
    await picture(p, 'review-desktop')
  })

  // The round: closed early with a reason, settled, published.
  await reviewer.goto(`/${tenant}/desk/rounds`)
  await reviewer.getByRole('link', { name: /2025年度数字经济奖励申报/ }).click()
  await reviewer.getByRole('heading', { name: /2025年度数字经济奖励申报/ }).waitFor()
  const round = reviewer.url().split('/').at(-1)
  await act(reviewer, '截止申报', async (p) => {
    await p.getByLabel(/说明/).fill('浏览器测试提前截止')
  })
  await act(reviewer, '冻结结算')
  await act(reviewer, '发布公示')
  await picture(reviewer, 'round-desktop', { full: true })

  // The public: an anonymous objection is refused with the rule, one by name is received.
  const public_ = await open()
  await public_.goto(`/${tenant}/rounds`)
  await public_.getByRole('link', { name: /拟兑现名单的公示/ }).first().click()
  await public_.getByRole('button', { name: '提出异议', exact: true }).last().click()
  await public_.getByLabel('真实姓名').fill('匿名')
  await public_.getByLabel('联系方式').fill('13900000000')
  await public_.getByLabel('异议内容和事实依据').fill('名单中企业的营业收入与公开报道不一致，请核对。')
  public_.allow(422)
  await public_.getByRole('button', { name: '实名提交' }).click()
  await public_.getByText('匿名的不予受理').first().waitFor()
  await public_.getByLabel('真实姓名').fill('陈建国')
  await picture(public_, 'objection-desktop', { full: true })
  await public_.getByRole('button', { name: '实名提交' }).click()
  await public_.getByRole('heading', { name: '异议已收到' }).waitFor()
  await public_.setViewportSize(phone)
  await picture(public_, 'notice-phone', { full: true })

  // The notice has run its time, the objection is disposed of.
  await later(20)
  const office = await open()
  await signIn(office, tenant, 'jingxin')
  await office.goto(`/${tenant}/desk/objections`)
  // Who objects is not told at a glance: reading it takes a reason, which the log keeps.
  await office.getByText('陈**').first().waitFor()
  await office.getByRole('button', { name: '查看完整联系方式' }).click()
  await office.getByLabel('查看理由').fill('核对实名')
  await office.getByRole('button', { name: '查看', exact: true }).click()
  await office.getByText('陈建国').waitFor()
  await picture(office, 'objections-desktop', { full: true })
  await office.getByRole('button', { name: '是否受理' }).click()
  await office.getByLabel('理由').fill('署名齐全，予以受理')
  await office.getByRole('button', { name: '受理', exact: true }).click()
  await office.getByRole('button', { name: '作出处理' }).click()
  await office.getByLabel('理由').fill('经核对审计报告，数据属实')
  await office.getByRole('button', { name: '异议不成立' }).click()
  await office.locator('strong', { hasText: '异议不成立' }).waitFor()
  await office.goto(`/${tenant}/desk/rounds/${round}`)
  await act(office, '提交决定')

  // Finance makes a budget, the leader decides; what cannot be paid cannot be decided.
  const leader = await open()
  await signIn(leader, tenant, 'leader')
  await leader.goto(`/${tenant}/desk/rounds/${round}`)
  await leader.getByText(/预算/).first().waitFor()
  const finance = await open()
  await signIn(finance, tenant, 'finance')
  await finance.goto(`/${tenant}/desk/budgets/new?round=${round}`)
  await picture(finance, 'budget-new-desktop', { full: true })
  await budgeted(finance, tenant, round, '本级财政', '1000000')
  await picture(finance, 'budget-desktop', { full: true })
  await leader.reload()
  await act(leader, '同意支持', async (p) => {
    await p.getByLabel('意见').fill('同意')
  })
  await picture(leader, 'decided-desktop', { full: true })
  await finance.goto(`/${tenant}/desk/rounds/${round}`)
  await act(finance, '下达资金')

  // The firm reads where it stands, and states where it is paid.
  firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  await firm.goto(new URL(url).pathname)
  await firm.getByText('已决定予以支持').first().waitFor()
  await picture(firm, 'decided-phone', { full: true })
  await registerAccount(firm, tenant, { holder: '慈溪市岚渡智能电器有限公司', bank: '演示银行周巷支行', number: '6222 0200 0000 1234' })
  await picture(firm, 'account-phone', { full: true })
  await confirmAccount(finance, tenant, '开户许可证')

  // Two of finance pay. The bank refuses the account at first.
  const other = await open()
  await signIn(other, tenant, 'finance2')
  const refused = await ordered(finance, other, tenant, round, '慈财演〔2026〕1号', { pictures: 'payment' })
  const batch = new URL(finance.url()).pathname
  assert.equal(refused.length, 2)
  assert.match(refused[1][0], /^P\d{4}-0001-00001$/)
  // One product, newly listed: up to 100,000 yuan, and these were set.
  assert.deepEqual(refused[1].slice(1, 5), ['慈溪市岚渡智能电器有限公司', '演示银行周巷支行', '6222020000001234', '100000'])
  await answered(finance, refused, ['失败', '', '', '账户状态异常'], { pictures: 'payment' })
  await finance.goto(batch)
  await finance.getByText('支付失败 1 笔').waitFor()
  await picture(finance, 'payment-failed-desktop', { full: true })
  await finance.setViewportSize(phone)
  await picture(finance, 'payment-failed-phone', { full: true })
  await finance.setViewportSize(desktop)

  // The account is held again, and confirmed by somebody who did not book the failure; a further batch pays under the same document.
  await other.goto(`/${tenant}/desk/bank-accounts`)
  await other.getByText('演示银行周巷支行').waitFor()
  await picture(other, 'accounts-desktop', { full: true })
  await other.setViewportSize(phone)
  await picture(other, 'accounts-phone', { full: true })
  await other.setViewportSize(desktop)
  await confirmAccount(other, tenant, '与企业和开户行电话核实')
  const paid = await ordered(finance, other, tenant, round, '')
  assert.match(paid[1][0], /^P\d{4}-0002-00001$/)
  assert.deepEqual(paid[1].slice(1, 5), refused[1].slice(1, 5))
  const day = await today(finance, tenant)
  await answered(finance, paid, ['成功', 'YH00000001', day, ''])
  await finance.goto(`/${tenant}/desk/rounds/${round}`)
  await act(finance, '办结')
  await finance.getByText('本批已全部兑付，办理结束').first().waitFor()
  await picture(finance, 'round-done-desktop', { full: true })

  // From the bank's number to the clause, and from the case back to the bank's number.
  await finance.goto(`/${tenant}/desk/trace?serial=YH00000001`)
  const way = finance.locator('article', { hasText: '慈溪市岚渡智能电器有限公司' })
  await way.getByRole('link', { name: scheme }).waitFor()
  for (const text of ['一(一)2(2)', '10万元', '本级财政', refused[1][0], '账户状态异常', paid[1][0], '慈财演〔2026〕1号', 'YH00000001']) await way.getByText(text).first().waitFor()
  await picture(finance, 'trace-desktop', { full: true })
  await finance.setViewportSize(phone)
  await picture(finance, 'trace-phone', { full: true })
  await finance.setViewportSize(desktop)
  await way.getByRole('link', { name: '演示-01-00001' }).click()
  await finance.getByText('到账').first().waitFor()
  await finance.getByRole('link', { name: '这笔资金的去向' }).click()
  await finance.getByText('银行流水号 YH00000001').waitFor()
  // The auditor reads the same; an officer reads that it was paid, and not the books.
  const auditor = await open()
  await signIn(auditor, tenant, 'auditor')
  await auditor.goto(`/${tenant}/desk/trace?case=${encodeURIComponent('演示-01-00001')}`)
  await auditor.getByText('银行流水号 YH00000001').waitFor()
  assert.equal(await auditor.getByRole('button', { name: '放弃这笔奖补' }).count(), 0)
  const reader = await open()
  await signIn(reader, tenant, 'jingxin')
  await reader.goto(`/${tenant}/desk/cases/${id}`)
  await reader.getByText('到账').first().waitFor()
  assert.equal(await reader.getByRole('link', { name: '这笔资金的去向' }).count(), 0)
  await picture(reader, 'case-paid-desktop', { full: true })
  await reader.setViewportSize(phone)
  await picture(reader, 'case-paid-phone', { full: true })

  // The firm has its money.
  await firm.goto(new URL(url).pathname)
  await firm.getByText('资金已到账').first().waitFor()
  await firm.getByText('10万元').first().waitFor()
  await picture(firm, 'paid-phone', { full: true })

  // The pages of finance at a glance, at both widths.
  for (const [name, path] of [['budgets', 'budgets'], ['payments', 'payments'], ['awards', 'awards'], ['ledger', 'ledger'], ['payment', batch.split('/desk/')[1]]]) {
    await finance.goto(`/${tenant}/desk/${path}`)
    await finance.getByText('10万元').first().waitFor()
    await picture(finance, `${name}-desktop`, { full: true })
    await finance.setViewportSize(phone)
    await picture(finance, `${name}-phone`, { full: true })
    await finance.setViewportSize(desktop)
  }
})
