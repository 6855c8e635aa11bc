// A visit on a phone that loses its connection: what was typed is there again after the page was loaded anew without a network, is sent once when
// it is back, and a second officer who answered the same item apart sees both.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { account } from './given.js'
import { applied } from './licence.js'

const tenant = 'cixi'
const test = county()
const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

const item = (page, n) => page.getByRole('region', { name: `第${n}项`, exact: true })
const waiting = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor()
const choose = (page, n, answer) => item(page, n).getByRole('radio', { name: answer, exact: true }).check()

test('a visit on a phone that loses its connection is sent once, merged and signed by both', async ({ open }) => {
  const office = await open()
  await signIn(office, tenant, 'admin')
  const grants = [{ role: 'officer', department: '市人力社保局' }]
  for (const [login, name] of [['walker', '王核查'], ['driver', '李核查']]) await account(office, open, tenant, login, name, grants)
  await office.context().clearCookies()
  await signIn(office, tenant, 'officer')
  const [walker, driver] = [await open(phone), await open(phone)]
  await signIn(walker, tenant, 'walker')
  await signIn(driver, tenant, 'driver')

  const today = (await call(office, 'GET', `/api/${tenant}/about`)).body.today
  const scheme = { scheme: 'labour-dispatch/劳务派遣经营许可', department: '市人力社保局' }
  const round = await call(office, 'POST', `/api/${tenant}/rounds`, { number: 'PQ', title: '劳务派遣经营许可', standing: true, process: '劳务派遣许可申请', opens: today, department: '市人力社保局', schemes: [scheme] })
  assert.equal(round.status, 201, JSON.stringify(round.body))
  await call(office, 'POST', `/api/${tenant}/rounds/${round.body.id}/open`, { version: round.body.version })
  const firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  const id = await applied(firm, tenant)

  await office.goto(`/${tenant}/desk/cases/${id}`)
  await act(office, '受理')
  await office.getByText('还没有现场核查').first().waitFor()
  await office.getByRole('button', { name: '安排核查', exact: true }).click()
  await office.getByLabel('王核查').check()
  await office.getByLabel('李核查').check()
  await office.getByLabel('核查的地点').fill('慈溪市周巷镇演示路1号')
  const later = new Date(Date.parse(`${today}T01:00:00Z`) + 3 * 86400e3).toISOString().slice(0, 11)
  await office.getByLabel('可以选的时间').fill(`${later}09:30`)
  await both(office, 'visit-plan')
  await office.getByRole('button', { name: '确认安排核查' }).click()
  await office.getByRole('status').filter({ hasText: '已安排核查' }).waitFor()

  await firm.reload()
  await firm.getByText('请选一个时间').waitFor()
  await both(firm, 'visit-firm')
  await firm.getByRole('button', { name: /09:30/ }).click()
  await firm.getByText(/核查时间定在/).waitFor()

  // Both open the visit while there is a network.
  for (const p of [walker, driver]) {
    await p.goto(`/${tenant}/desk/visits`)
    await p.getByRole('link', { name: /./ }).filter({ has: p.locator('strong') }).first().click()
    await p.getByText('这一页断网也能打开').waitFor()
  }
  await both(walker, 'visit-list-open')

  // Offline: typed, loaded anew, still there.
  walker.lost = true
  await walker.context().setOffline(true)
  await choose(walker, 1, '是')
  await item(walker, 2).getByLabel('平方米').fill('120.5')
  await item(walker, 6).getByLabel('情况').fill('前台正在装修，')
  await item(walker, 1).getByLabel('第1项拍照').setInputFiles({ name: 'door.png', mimeType: 'image/png', buffer: onePixel })
  await waiting(walker, '未发送 4 项')
  await walker.reload()
  await waiting(walker, '未发送 4 项')
  assert.equal(await item(walker, 2).getByLabel('平方米').inputValue(), '120.5')
  assert.equal(await item(walker, 6).getByLabel('情况').inputValue(), '前台正在装修，')
  assert.ok(await item(walker, 1).getByRole('radio', { name: '是', exact: true }).isChecked())
  await item(walker, 6).getByLabel('情况').fill('前台正在装修，其余正常')
  await both(walker, 'visit-offline')

  // The other one answers the first item meanwhile.
  await choose(driver, 1, '否')
  await item(driver, 1).getByLabel('情况').fill('门牌是3号')
  await item(driver, 1).getByLabel('情况').blur()
  await waiting(driver, '都已发送')

  // Back: one request each, and the first answer is lost on the way, so that it is sent again.
  let posts = 0
  await walker.route('**/entries', async (route) => {
    posts++
    if (posts > 1) return route.continue()
    await route.fetch()
    await route.abort('connectionreset')
  })
  await walker.context().setOffline(false)
  await walker.getByRole('button', { name: '立即发送' }).click()
  await waiting(walker, '都已发送')
  walker.lost = false
  assert.ok(posts >= 2, `sent ${posts} times`)
  const visitId = walker.url().split('/').at(-1)
  const seen = (await call(walker, 'GET', `/api/${tenant}/visits/${visitId}`)).body
  assert.deepEqual(seen.items.map((x) => x.standing.length), [2, 1, 0, 0, 0, 1])
  assert.equal(seen.photos.length, 1)
  assert.equal(seen.items[5].standing[0].note, '前台正在装修，其余正常')
  assert.equal(seen.items[5].earlier.length, 0)

  // Both answers stand, and who sees both says what holds.
  await item(walker, 1).getByText('填写不一样').waitFor()
  await both(walker, 'visit-differs')
  await item(walker, 1).locator('.differs .row', { hasText: '王核查' }).getByRole('button', { name: '采用这一条' }).click()
  for (const n of [3, 4, 5]) await choose(walker, n, '是')
  await item(walker, 3).getByLabel('第3项拍照').setInputFiles({ name: 'desk.png', mimeType: 'image/png', buffer: onePixel })
  await waiting(walker, '都已发送')
  await item(walker, 1).getByText('填写不一样').waitFor({ state: 'detached' })
  await walker.getByRole('button', { name: '签字确认以上内容' }).click()
  await walker.getByRole('button', { name: '您已签字' }).waitFor()
  await both(walker, 'visit-signed-one')
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await office.getByText(/还没有办完/).first().waitFor()
  await driver.reload()
  await driver.getByRole('button', { name: '签字确认以上内容' }).click()
  await driver.getByText('已签字', { exact: true }).first().waitFor()
  await both(driver, 'visit-done')

  await office.goto(`/${tenant}/desk/cases/${id}`)
  await office.getByRole('heading', { name: '现场核查' }).waitFor()
  await both(office, 'visit-case')
  await act(office, '准予许可', (p) => p.getByLabel(/意见/).fill('现场核查属实，其他条件符合'))
  await firm.reload()
  assert.ok(!(await firm.locator('main').innerText()).includes('门牌是3号'))
})
