// The later life of a licence, as one of the invented dispatch agencies and the office that licenses it see it: what is due next stands on the
// firm's own page; what it says is changed, its term goes on, it is suspended and resumed, and given up. After each step anybody who has its
// number, or a print of it, reads what is so.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { pdf, signedIn } from './given.js'
import { issued } from './licence.js'

const tenant = 'cixi'
const test = county(async () => ({ flags: ['--demo-firms', '945'] }))
const file = { name: '材料.pdf', mimeType: 'application/pdf', buffer: Buffer.from(pdf) }

/** Fills in what every application asks, with every material that must not be missing. */
async function filled(firm) {
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  const must = firm.locator('.item', { has: firm.getByText('必交', { exact: true }) })
  for (let i = 0; i < (await must.count()); i++) {
    await must.nth(i).locator('input[type=file]').setInputFiles(file)
    await must.nth(i).getByText(/^PDF/).waitFor()
  }
  await firm.getByText('还差这些才能提交').waitFor({ state: 'hidden' })
  await firm.getByText('已保存').waitFor()
}

/** What the public page says of a number, or of the print that bears a code. */
async function verified(open, number, print, look) {
  const anybody = await open(phone)
  await anybody.goto(`/${tenant}/verify?number=${encodeURIComponent(number)}${print ? `&print=${print}` : ''}`)
  await anybody.getByRole('status').waitFor()
  if (look) await both(anybody, look)
  const text = await anybody.locator('main').innerText()
  await anybody.context().close()
  return text
}

test('an agency sees what is due, changes what its licence says, renews it, and gives it up', async ({ open }) => {
  const firm = await signedIn(open, tenant, 'agency', phone)
  await firm.getByRole('heading', { name: '证书和要办的事' }).waitFor()
  await both(firm, 'agency-home')
  const { items: [held] } = (await call(firm, 'GET', `/api/${tenant}/certificates`)).body
  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).first().click()
  await firm.getByRole('heading', { name: '变动记录' }).waitFor()
  await both(firm, 'agency-licence')
  await firm.getByRole('button', { name: /变更/ }).click()
  await firm.waitForURL(/cases\//)
  await firm.getByLabel(/^名称/).fill('慈溪演示人力资源有限公司')
  await firm.getByLabel(/^法定代表人/).fill('李大方')
  await filled(firm)
  await both(firm, 'agency-change-form')
  await act(firm, '提交')
  await both(firm, 'agency-change-sent')
  const change = firm.url().split('/').at(-1)
  assert.match(await verified(open, held.number), new RegExp(held.holder))

  const office = await signedIn(open, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${change}`)
  await office.getByRole('button', { name: '准予变更' }).waitFor()
  await both(office, 'agency-change-desk')
  await act(office, '准予变更', (p) => p.getByLabel(/意见/).fill('与变更后的营业执照一致'))
  await firm.reload()
  await both(firm, 'agency-changed')
})
