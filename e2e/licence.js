// An application for a dispatch licence, as the firm of the demonstration makes it.
import assert from 'node:assert/strict'
import { act, call, signIn } from './harness.js'

/** Fills in the form from the firm's list of what may be applied for, looks at it with `look`, and hands it in; it returns the case's id. */
export async function applied(firm, tenant, look = async () => {}) {
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.locator('.card', { hasText: '劳务派遣经营许可' }).getByRole('button', { name: /去申报|去申请/ }).first().click()
  await firm.getByRole('heading', { name: '证书' }).waitFor()
  await firm.getByLabel('注册资本').first().fill('500')
  await firm.getByLabel('住所').fill('慈溪市周巷镇演示路1号')
  await firm.getByLabel('法定代表人').fill('张三丰')
  const capital = firm.locator('#certificate-注册资本')
  if (await capital.count()) await capital.fill('500万元')
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await look(firm)
  await act(firm, '提交')
  return firm.url().split('/').at(-1)
}

/** Lets the documents of a case that wait be handed in by the officer, and be reviewed and issued by the leader. */
export async function issued(office, open, tenant, id) {
  const leader = await open()
  await signIn(leader, tenant, 'leader')
  const { items } = (await call(office, 'GET', `/api/${tenant}/cases/${id}/papers`)).body
  for (let paper of items) {
    for (const [page, step] of [[office, 'submit'], [leader, 'review'], [leader, 'issue']]) {
      const done = await call(page, 'POST', `/api/${tenant}/papers/${paper.id}/${step}`, { version: paper.version })
      assert.equal(done.status, 200, JSON.stringify(done.body))
      paper = done.body
    }
  }
}

/** Opens an item at any time for the dispatch licence by one of its processes. */
export async function standing(office, tenant, process, number) {
  const today = (await call(office, 'GET', `/api/${tenant}/about`)).body.today
  const department = '市人力社保局'
  const made = await call(office, 'POST', `/api/${tenant}/rounds`, { number, title: process, process, standing: true, opens: today, department,
    schemes: [{ scheme: 'labour-dispatch/劳务派遣经营许可', department }] })
  assert.ok(made.status < 300, JSON.stringify(made.body))
  const opened = await call(office, 'POST', `/api/${tenant}/rounds/${made.body.id}/open`, { version: made.body.version })
  assert.ok(opened.status < 300, JSON.stringify(opened.body))
  return made.body.id
}
