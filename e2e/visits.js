// A visit on the spot as two officers with a network make it.
import assert from 'node:assert/strict'
import { account } from './given.js'
import { act, call, phone, signIn } from './harness.js'

const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** Two officers of a department, made by the administrator, each on a phone of their own. */
export async function goers(open, tenant, department) {
  const admin = await open()
  await signIn(admin, tenant, 'admin')
  const pages = []
  for (const [login, name] of [['walker', '王核查'], ['driver', '李核查']]) {
    await account(admin, open, tenant, login, name, [{ role: 'officer', department }])
    const own = await open(phone)
    await signIn(own, tenant, login)
    pages.push(own)
  }
  return pages
}

/** The visit of a case: planned, its date chosen by the firm, answered in the six items of the dispatch checklist, signed by both. */
export async function visited({ office, firm, officers, tenant, id }) {
  const today = (await call(office, 'GET', `/api/${tenant}/about`)).body.today
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await act(office, '安排核查', async (p) => {
    for (const name of ['王核查', '李核查']) await p.getByLabel(name).check()
    await p.getByLabel('核查的地点').fill('慈溪市周巷镇演示路1号')
    const later = new Date(Date.parse(`${today}T01:00:00Z`) + 3 * 86400e3).toISOString().slice(0, 11)
    await p.getByLabel('可以选的时间').fill(`${later}09:30`)
  })
  await firm.reload()
  await firm.getByRole('button', { name: /09:30/ }).click()
  await firm.getByText(/核查时间定在/).waitFor()
  const [walker, driver] = officers
  const item = (n) => walker.getByRole('region', { name: `第${n}项`, exact: true })
  const sent = (p) => p.getByRole('status').filter({ hasText: '都已发送' }).waitFor()
  for (const p of officers) {
    await p.goto(`/${tenant}/desk/visits`)
    await p.getByRole('link', { name: /./ }).filter({ has: p.locator('strong') }).first().click()
    await p.getByText('这一页断网也能打开').waitFor()
  }
  for (const n of [1, 3, 4, 5]) await item(n).getByRole('radio', { name: '是', exact: true }).check()
  await item(2).getByLabel('平方米').fill('120.5')
  await item(6).getByLabel('情况').fill('与材料相符')
  await item(6).getByLabel('情况').blur()
  for (const n of [1, 3]) await item(n).getByLabel(`第${n}项拍照`).setInputFiles({ name: 'place.png', mimeType: 'image/png', buffer: onePixel })
  await sent(walker)
  await walker.getByRole('button', { name: '签字确认以上内容' }).click()
  await walker.getByRole('button', { name: '您已签字' }).waitFor()
  await driver.reload()
  await driver.getByRole('button', { name: '签字确认以上内容' }).click()
  await driver.getByText('已签字', { exact: true }).first().waitFor()
  await office.reload()
}
