// A firm signs in, sees what is due and what it lacks, corrects a figure, and its answer changes at once; a session that ends takes nothing with it.
import assert from 'node:assert/strict'
import { call, county, desktop, password, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const title = '规上数字经济制造业企业增长奖励'
const firm = '慈溪市岚渡智能电器有限公司'
const test = county()

/** The scheme of this year on the firm's page; the year before gave the same title. */
const card = (p) => p.locator('article').filter({ has: p.getByRole('link', { name: title }) }).filter({ hasText: '〔2025〕20号' })

test('a wrong password is refused without a word about which half was wrong', async ({ page }) => {
  page.allow(401)
  await page.goto(`/${tenant}/sign-in`)
  await page.getByLabel('账号').fill('firm')
  await page.getByLabel('密码').fill('not-the-password')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('alert').waitFor()
  assert.equal(await page.getByRole('link', { name: '我的企业' }).count(), 0)
})

test('a firm corrects a figure and its answer changes', async ({ page }) => {
  await signIn(page, tenant, 'firm')
  await page.goto(`/${tenant}/firm`)
  await page.getByRole('heading', { name: firm }).waitFor()
  await card(page).getByText('不符合', { exact: true }).waitFor()
  await card(page).getByText('0.01个百分点').first().waitFor()
  // What is due, what is close, and what only a figure is missing for.
  await page.getByRole('link', { name: '软件首版次产品奖励' }).first().waitFor()
  await page.getByRole('heading', { name: /待补充/ }).first().waitFor()
  await picture(page, 'firm-desktop', { full: true })

  await page.goto(`/${tenant}/firm/facts`)
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '营业收入', exact: true }) })
  await row.getByRole('button', { name: /10,999/ }).click()
  await page.getByRole('button', { name: '更正' }).first().click()
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: '保存' }) })
  await form.getByRole('textbox', { name: /营业收入/ }).fill('11000')
  await form.getByLabel(/依据/).fill('2025年度审计报告')
  await picture(page, 'firm-correct-desktop')
  await form.getByRole('button', { name: '保存' }).click()
  await page.getByRole('status').filter({ hasText: title }).waitFor()
  await picture(page, 'firm-changed-desktop')

  await page.goto(`/${tenant}/firm`)
  // 1,000万元 more than the year before, 500元 for each full 100万元: at most 5,000元.
  await card(page).getByText(/最高5,000元/).first().waitFor()

  await page.setViewportSize(phone)
  await page.reload()
  await card(page).getByText(/最高5,000元/).first().waitFor()
  await picture(page, 'firm-phone', { full: true })
  await page.goto(`/${tenant}/firm/facts`)
  await page.getByRole('heading', { name: firm }).waitFor()
  await page.getByText('11,000').first().waitFor()
  await picture(page, 'firm-facts-phone', { full: true })
})

test('a firm sees nothing of the desk, and nothing of another firm', async ({ page }) => {
  await signIn(page, tenant, 'firm')
  await page.goto(`/${tenant}/desk/parties`)
  await page.getByText('这个账号没有工作台权限').waitFor()
  page.allow(403)
  page.allow(404)
  const answers = await page.evaluate(async (t) => {
    const own = (await (await fetch('/api/session')).json()).actor.grants[0].party
    const other = own.slice(0, -1) + (own.endsWith('0') ? '1' : '0')
    return Promise.all([`/api/${t}/parties`, `/api/${t}/parties/${other}`, `/api/${t}/parties/${own}`].map(async (u) => (await fetch(u)).status))
  }, tenant)
  assert.ok([403, 404].includes(answers[0]), `the registry: ${answers[0]}`)
  assert.equal(answers[1], 404)
  assert.equal(answers[2], 200)
})

test('a session that ends while an application is filled in loses nothing of what was typed', async ({ page, open }) => {
  page.allow(401)
  page.allow(403) // who has to change the password first
  await signIn(page, tenant, 'firm')
  await page.goto(`/${tenant}/firm/cases`)
  await page.getByRole('button', { name: /去申报.*软件首版次产品奖励/ }).click()
  await page.getByLabel('联系人').fill('王芳')
  await page.getByText('已保存').waitFor()
  const url = page.url()

  // Signed out in another tab: what is typed next cannot be saved, the page says why and stays.
  const tab = await page.context().newPage()
  await tab.goto(`/${tenant}`)
  await tab.getByRole('button', { name: '退出' }).click()
  await tab.getByRole('link', { name: '登录', exact: true }).waitFor()
  await tab.close()
  await page.getByLabel('补充说明').fill('首版次证书已附')
  const ended = page.getByRole('form', { name: '登录已失效' })
  await ended.waitFor()
  await page.getByText('没有保存成功').waitFor()
  await page.getByLabel('联系电话').fill('13800000001')
  await picture(page, 'session-ended-desktop')
  await page.setViewportSize(phone)
  await picture(page, 'session-ended-phone')
  await page.setViewportSize(desktop)
  await ended.getByLabel(/密码/).fill('not-the-password')
  await ended.getByRole('button', { name: '重新登录' }).click()
  await ended.getByRole('alert').nth(1).waitFor()
  await ended.getByLabel(/密码/).fill(password)
  await ended.getByRole('button', { name: '重新登录' }).click()
  await ended.waitFor({ state: 'detached' })
  await page.getByText('已保存').waitFor()
  await page.reload()
  assert.equal(await page.getByLabel('补充说明').inputValue(), '首版次证书已附')
  assert.equal(await page.getByLabel('联系电话').inputValue(), '13800000001')

  // Ended by the administrator, who sets another password: the way leads through changing it back to the form.
  const admin = await open()
  await signIn(admin, tenant, 'admin')
  await admin.goto(`/${tenant}/desk/accounts`)
  const id = await admin.evaluate(async (t) => (await (await fetch(`/api/${t}/accounts?q=firm`)).json()).items.find((a) => a.login === 'firm').id, tenant)
  const reset = await call(admin, 'POST', `/api/${tenant}/accounts/${id}/password`, {})
  assert.equal(reset.status, 200)
  await page.getByLabel('联系人').fill('王芳、李强')
  await ended.waitFor()
  await ended.getByLabel(/密码/).fill(reset.body.password)
  await ended.getByRole('button', { name: '重新登录' }).click()
  await page.getByLabel('现在的密码').fill(reset.body.password)
  await page.getByLabel('新密码', { exact: true }).fill(`${password}-2`)
  await page.getByLabel('再输入一次新密码').fill(`${password}-2`)
  await page.getByRole('button', { name: '修改', exact: true }).click()
  await page.waitForURL(url)
  await page.getByText('上次没有来得及保存的内容已经恢复').waitFor()
  await page.getByText('已保存').waitFor()
  await page.reload()
  assert.equal(await page.getByLabel('联系人').inputValue(), '王芳、李强')
})
