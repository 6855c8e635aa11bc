// An administrator binds one account to two firms; it goes from one to the other, and sees nothing of a third.
import assert from 'node:assert/strict'
import { approved } from './given.js'
import { call, county, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const test = county()

test('an account of two firms switches between them and sees exactly those', async ({ page, open }) => {
  const officer = await open()
  await signIn(officer, tenant, 'officer')
  const { items } = (await call(officer, 'GET', `/api/${tenant}/parties?town=${encodeURIComponent('周巷镇')}&per=3`)).body
  const [a, b, third] = items

  await signIn(page, tenant, 'admin')
  await page.goto(`/${tenant}/desk/accounts`)
  await page.getByRole('button', { name: '开通账号' }).click()
  await page.getByLabel('登录名', { exact: true }).fill('daili')
  await page.getByLabel('姓名或单位名称').fill('某某代理记账公司')
  await page.getByLabel('角色').first().selectOption({ label: '企业' })
  await page.getByLabel('企业', { exact: true }).fill(a.id)
  await page.getByRole('button', { name: '添加角色' }).click()
  await page.getByLabel('角色', { exact: true }).nth(1).selectOption({ label: '企业' })
  await page.getByLabel('企业', { exact: true }).nth(1).fill(b.id)
  await page.getByLabel('给予角色的理由').fill('两家企业都委托这家公司记账')
  await page.getByRole('button', { name: '开通', exact: true }).click()
  const given = await page.getByRole('status').locator('code').innerText()
  await approved(open, tenant, 'daili')

  const own = await open()
  await signIn(own, tenant, 'daili', given)
  await own.getByLabel('现在的密码').fill(given)
  await own.getByLabel('新密码', { exact: true }).fill('Mingyue-Song-2026')
  await own.getByLabel('再输入一次新密码').fill('Mingyue-Song-2026')
  await own.getByRole('button', { name: '修改', exact: true }).click()

  // Led to one of its firms; the other is a link away, and its page stays the same page.
  await own.waitForURL(new RegExp(`/firm/(${a.id}|${b.id})$`))
  const [here, there] = own.url().endsWith(a.id) ? [a, b] : [b, a]
  await own.getByRole('heading', { name: here.name }).waitFor()
  await own.getByRole('link', { name: '企业数据', exact: true }).click()
  await own.waitForURL('**/facts') // the switch closes when the page goes on
  const opener = own.getByText('切换企业（共 2 家）')
  await opener.press('Enter')
  const links = own.getByRole('navigation', { name: '切换企业' }).getByRole('link')
  await links.first().waitFor()
  assert.deepEqual((await links.locator('[lang]').allInnerTexts()).sort(), [a.name, b.name].sort())
  await picture(own, 'firm-switch-desktop')
  await own.keyboard.press('Escape')
  assert.ok(await links.first().isHidden(), 'Escape closes it')
  await opener.press('Enter')
  await own.getByRole('navigation', { name: '切换企业' }).getByRole('link', { name: there.name }).press('Enter')
  await own.waitForURL(`**/firm/${there.id}/facts`)
  await own.getByRole('heading', { name: there.name }).waitFor()
  await own.reload()
  await own.getByRole('heading', { name: there.name }).waitFor()
  await own.getByRole('navigation').getByRole('link', { name: '我的企业' }).click()
  await own.waitForURL(`**/firm/${there.id}`)

  // An address from before, without a firm, still leads somewhere; one of another firm shows nothing of it.
  await own.goto(`/${tenant}/firm/facts`)
  await own.waitForURL(/\/firm\/[^/]+\/facts$/)
  await own.goto(`/${tenant}/firm/${third.id}`)
  await own.getByText('这个账号没有绑定这家企业').waitFor()
  assert.equal(await own.getByText(third.name).count(), 0)
  own.allow(404)
  own.allow(403)
  for (const path of ['', '/facts', '/answers', '/facts.xlsx']) assert.equal((await call(own, 'GET', `/api/${tenant}/parties/${third.id}${path}`)).status, 404, path)
  for (const p of [a, b]) assert.equal((await call(own, 'GET', `/api/${tenant}/parties/${p.id}/facts`)).status, 200)
  const told = (await call(own, 'GET', `/api/${tenant}/firms`)).body.items
  assert.deepEqual(told.map((p) => p.id).sort(), [a.id, b.id].sort())

  await own.setViewportSize(phone)
  await own.goto(`/${tenant}/firm/${a.id}`)
  await own.getByRole('heading', { name: a.name }).waitFor()
  await own.getByText('切换企业（共 2 家）').click()
  await own.getByRole('navigation', { name: '切换企业' }).getByRole('link', { name: b.name }).waitFor()
  await picture(own, 'firm-switch-phone')
  await own.getByRole('navigation', { name: '切换企业' }).getByRole('link', { name: b.name }).click()
  await own.getByRole('heading', { name: b.name }).waitFor()
})
