// An officer of a town goes away: another stands in for her, sees her tasks as hers, acts with her scope under his own name, until she takes it back.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { applied, standing } from './licence.js'

const tenant = 'cixi'
const test = county()

test('who stands in acts in the other’s scope under his own name, and no longer than she lets him', async ({ open }) => {
  const office = await open()
  await signIn(office, tenant, 'officer')
  await standing(office, tenant, '劳务派遣许可申请', 'SQ')
  const firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  const id = await applied(firm, tenant)
  await office.goto(`/${tenant}/desk/cases/${id}`)
  const { town } = (await call(office, 'GET', `/api/${tenant}/cases/${id}`)).body

  // Somebody of another department does not see it.
  const other = await open()
  await signIn(other, tenant, 'jingxin')
  const me = (await call(other, 'GET', '/api/session')).body.actor
  await other.goto(`/${tenant}/desk/delegations`)
  await other.getByText('没有外出委托').waitFor()
  await both(other, 'delegation-none')

  const own = (await call(office, 'GET', '/api/session')).body.actor
  await office.getByRole('link', { name: '外出委托', exact: true }).click()
  await office.getByRole('button', { name: '委托他人代办' }).click()
  await office.getByRole('button', { name: '委托', exact: true }).click()
  await office.getByText('请选择代办人').waitFor()
  await office.getByLabel('按姓名或登录名查找代办人').fill('jingxin')
  await office.getByLabel('代办人', { exact: true }).selectOption({ label: `${me.name}（jingxin）` })
  const today = (await call(office, 'GET', `/api/${tenant}/about`)).body.today
  await office.getByLabel('截止日期（含当天）').fill(today)
  await office.getByLabel('理由').fill('赴外地学习')
  await both(office, 'delegation-form')
  await office.getByRole('button', { name: '委托', exact: true }).click()
  await office.getByText('双方都已收到提醒').waitFor()
  await both(office, 'delegation-made')

  // He is told, and finds her tasks in his inbox with whose they are.
  await other.reload()
  await other.getByRole('heading', { name: '我代办的' }).waitFor()
  await both(other, 'delegation-mine')
  await other.goto(`/${tenant}/notifications`)
  await other.getByText(`请您代${own.name}办理`).first().waitFor()
  await other.goto(`/${tenant}/desk/tasks`)
  const row = other.getByRole('row').filter({ hasText: `代${own.name}办理` }).filter({ hasText: town }).first()
  await row.waitFor()
  await both(other, 'delegation-inbox')
  // What a notification leads to is there in her stead only, and the page says so.
  other.allow(404)
  await other.goto(`/${tenant}/desk/cases/${id}`)
  await other.getByRole('link', { name: `代${own.name}查看` }).first().click()
  await other.getByText(`正在代${own.name}办理`).waitFor()
  await other.getByRole('button', { name: '受理', exact: true }).waitFor()
  await both(other, 'delegation-case')
  await act(other, '受理')
  await other.getByText(`您（代${own.name}）`).first().waitFor()
  await both(other, 'delegation-history')
  // From page to page he stays in her stead, until he goes back to himself.
  await other.getByRole('link', { name: '待办', exact: true }).click()
  await other.getByText(`正在代${own.name}办理`).waitFor()
  assert.match(other.url(), /stead=/)
  await other.getByRole('button', { name: '回到本人' }).click()
  await other.getByText(`正在代${own.name}办理`).waitFor({ state: 'detached' })

  // The auditor reads of whom and for whom.
  const auditor = await open()
  await signIn(auditor, tenant, 'auditor')
  await auditor.goto(`/${tenant}/desk/audit`)
  await auditor.getByText(`，代officer（${own.name}）`).first().waitFor()
  await auditor.goto(`/${tenant}/desk/delegations`)
  await auditor.getByText('赴外地学习').waitFor()
  await both(auditor, 'delegation-auditor')

  // She takes it back: from then on it is over.
  await office.getByRole('button', { name: '收回', exact: true }).click()
  await office.getByLabel('理由').fill('提前回来')
  await office.getByRole('button', { name: '确定收回' }).click()
  await office.getByText('委托已收回').waitFor()
  other.allow(403)
  const late = await call(other, 'GET', `/api/${tenant}/cases/${id}?stead=${(await call(other, 'GET', `/api/${tenant}/delegations`)).body.items[0].absent.account}`)
  assert.equal(late.status, 403)
  assert.match(JSON.stringify(late.body), /委托已到期、已收回/)
  await other.goto(`/${tenant}/desk/delegations`)
  await other.getByText('提前回来').waitFor()

  // An administrator does it for somebody who fell ill.
  const admin = await open()
  await signIn(admin, tenant, 'admin')
  const { items } = (await call(admin, 'GET', `/api/${tenant}/accounts?q=zhouxiang`)).body
  await admin.goto(`/${tenant}/desk/accounts/${items[0].id}`)
  await admin.getByRole('link', { name: '设定外出委托' }).click()
  await admin.getByRole('heading', { name: /为.*设定外出委托/ }).waitFor()
  await admin.getByLabel('代办人', { exact: true }).selectOption({ index: 1 })
  await admin.getByLabel('截止日期（含当天）').fill(today)
  await admin.getByLabel('理由').fill('住院')
  await both(admin, 'delegation-admin')
  await admin.getByRole('button', { name: '委托', exact: true }).click()
  // It opens nothing until another administrator approves it.
  await admin.getByText('等另一名管理员核准后生效').waitFor()
  const approver = await open()
  await signIn(approver, tenant, 'approver')
  await approver.goto(`/${tenant}/desk/delegations`)
  await approver.getByRole('cell', { name: /待核准/ }).waitFor()
  await both(approver, 'delegation-waiting')
  await approver.getByRole('button', { name: '核准', exact: true }).click()
  await approver.getByText('双方都已收到提醒').waitFor()
  await approver.getByRole('cell', { name: /代办中/ }).waitFor()
})
