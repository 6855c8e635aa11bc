// 免申即享: the system proposes what the verified facts say, the office looks at it, the firm confirms on its phone, and the public is told.
import assert from 'node:assert/strict'
import { act, both, call, county, desktop, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const test = county()
// The firm's output grew from 8,000 to 9,300 (万元) in 2023, by 16.25 %; 9,300 - 110 % × 8,000 = 500. 20,000 + 5 × 1,000 = 25,000 yuan.
const scheme = '核心制造业库企业产值增速奖励'
const title = '2023年度核心制造业库企业产值增速奖励免申即享'

test('a firm is proposed what it is due, confirms it on its phone, and the public is told', async ({ open, later }) => {
  // The officer makes the round: no materials are asked for.
  const office = await open()
  await signIn(office, tenant, 'jingxin')
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: '新开批次' }).click()
  await office.getByLabel('名称', { exact: true }).fill(title)
  await office.getByLabel('编号').fill('2026-免01')
  await office.getByLabel('办理流程').selectOption('免申即享')
  await office.getByText('系统按已核实的数据提名，企业确认就行').waitFor()
  await office.getByLabel('考核年度').fill('2023')
  const opens = await office.getByLabel('提名开始').inputValue()
  const closes = new Date(Date.parse(opens) + 60 * 86400_000).toISOString().slice(0, 10)
  await office.getByLabel('提名截止').fill(closes)
  const option = await office.getByLabel('选择政策').locator('option', { hasText: scheme }).getAttribute('value')
  await office.getByLabel('选择政策').selectOption(option)
  await office.getByRole('button', { name: '加入批次' }).click()
  await office.getByRole('heading', { name: scheme }).waitFor()
  assert.equal(await office.getByRole('button', { name: '加一项材料' }).count(), 0)
  await both(office, 'direct-form')
  await office.setViewportSize(desktop)
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByRole('heading', { name: title }).waitFor()
  await office.getByText('开始提名后，系统按已核实的数据找出符合条件的企业').waitFor()
  const round = office.url().split('/').at(-1)
  await act(office, '开始提名')
  await office.getByRole('link', { name: /系统提名/ }).first().waitFor()
  await both(office, 'direct-round')
  await office.setViewportSize(desktop)

  // A proposed case is no application: it says who began it, and shows no empty list of materials.
  await office.goto(`/${tenant}/desk/tasks`)
  const row = office.getByRole('row').filter({ hasText: '2026-免01' })
  await row.filter({ hasText: '岚渡智能电器' }).getByRole('link').click()
  await office.getByText('系统按已核实的数据提名，企业不用申报').waitFor()
  await office.getByText('所依据的数据均已核实').waitFor()
  await office.getByText('2.5万元').first().waitFor()
  assert.equal(await office.getByRole('heading', { name: '部门核查' }).count(), 0)
  assert.equal(await office.getByText('没有上传').count(), 0)
  await both(office, 'direct-case')
  await office.setViewportSize(desktop)
  const id = office.url().split('/').at(-1)

  // All of them are pushed at once.
  await office.goto(`/${tenant}/desk/tasks?q=${encodeURIComponent('2026-免01')}`)
  await row.first().waitFor()
  const boxes = row.getByRole('checkbox')
  const many = await boxes.count()
  for (let i = 0; i < many; i++) await boxes.nth(i).check()
  await picture(office, 'direct-inbox-desktop')
  office.on('dialog', (d) => void d.accept())
  await office.getByRole('region', { name: '一次办理多件' }).getByRole('button', { name: '推送企业' }).click()
  await office.getByRole('status').filter({ hasText: `已办理${many}件` }).waitFor()

  // The firm is told, and opens it on its phone.
  const firm = await open(phone)
  firm.allow(404) // it has no account to be paid to yet
  await signIn(firm, tenant, 'firm')
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.getByRole('heading', { name: '免申即享', exact: true }).waitFor()
  await both(firm, 'direct-list')
  await firm.goto(`/${tenant}/notifications`)
  await firm.getByText(/2026-免01.*核心制造业库/).first().waitFor()
  await both(firm, 'direct-notifications')
  await firm.setViewportSize(phone)
  await firm.getByRole('link', { name: /请办理/ }).first().click()
  await firm.getByRole('heading', { name: scheme }).waitFor()
  assert.equal(firm.url().split('/').at(-1), id)
  await firm.getByText('不用申报，不用交材料，确认就行').waitFor()
  await firm.getByText('2.5万元').first().waitFor()
  await firm.getByText(/请在.*以前确认/).waitFor()
  for (const fact of ['8,000万元', '9,300万元']) await firm.getByText(fact).first().waitFor()
  assert.equal(await firm.getByLabel('联系人').count(), 0)
  assert.equal(await firm.getByText('承诺').count(), 0)
  await both(firm, 'direct-offer')
  await firm.setViewportSize(phone)

  // It needs nothing but an account to be paid to.
  await firm.getByLabel('开户银行').fill('慈溪农商银行（演示）')
  await firm.getByLabel('账号', { exact: true }).fill('6222000011112222')
  await firm.getByRole('button', { name: /保存|登记/ }).click()
  await firm.getByText('****2222').waitFor()
  await act(firm, '确认')
  await firm.getByText('您已确认，等本批企业都确认以后统一结算').waitFor()
  await both(firm, 'direct-confirmed')
  await firm.getByRole('link', { name: '打印确认单' }).click()
  await firm.getByRole('heading', { name: '免申即享确认单' }).waitFor()
  await picture(firm, 'direct-print-phone', { full: true })

  const public_ = await open()
  await public_.goto(`/${tenant}/rounds`)
  await public_.getByRole('heading', { name: title }).waitFor()
  await both(public_, 'direct-rounds')

  // Whoever has not answered in ten working days has given it up; what is confirmed is settled and published.
  await later(20)
  const desk = await open()
  await signIn(desk, tenant, 'jingxin')
  await desk.goto(`/${tenant}/desk/rounds/${round}`)
  await act(desk, '冻结结算')
  await act(desk, '发布公示')
  const notices = await call(desk, 'GET', `/api/${tenant}/notices?round=${round}`)
  assert.equal(notices.body.items[0].total, 25_000_00)
  await both(desk, 'direct-published')
  await desk.goto(`/${tenant}/notices/${notices.body.items[0].id}`)
  await desk.getByText('慈溪市岚渡智能电器有限公司').waitFor()
})
