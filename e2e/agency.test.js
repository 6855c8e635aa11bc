// The later life of a licence, as one of the invented dispatch agencies and the office that licenses it see it: what is due next stands on the
// firm's own page; what it says is changed, its term goes on, it is suspended and resumed, and given up. After each step anybody who has its
// number, or a print of it, reads what is so.
import assert from 'node:assert/strict'
import { act, both, call, county, phone } from './harness.js'
import { account, pdf, signedIn } from './given.js'
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

/** The number and the id of what the agency holds. */
async function heldBy(firm) {
  const { items } = (await call(firm, 'GET', `/api/${tenant}/certificates`)).body
  assert.equal(items.length, 1)
  return items[0]
}

let held

test('an agency sees what is due next, and has its licence changed: it keeps its number, and the old print is replaced', async ({ open }) => {
  const firm = await signedIn(open, tenant, 'agency', phone)
  await firm.getByRole('heading', { name: '证书和要办的事' }).waitFor()
  await firm.getByText('劳务派遣单位年度经营情况报告').first().waitFor()
  await firm.getByRole('button', { name: /去办理/ }).waitFor()
  await both(firm, 'agency-home')
  held = await heldBy(firm)
  assert.match(await verified(open, held.number, 1), new RegExp(`有效\\s*自[^]*${held.holder}`))

  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).first().click()
  await firm.getByRole('heading', { name: '变动记录' }).waitFor()
  await firm.getByRole('button', { name: /变更/ }).waitFor()
  await both(firm, 'agency-licence')
  await firm.getByRole('button', { name: /变更/ }).click()
  await firm.waitForURL(/cases\//)
  await firm.getByLabel(/^名称/).fill('慈溪演示人力资源有限公司')
  await firm.getByLabel(/^住所/).fill('慈溪市浒山街道演示路2号')
  await firm.getByLabel(/^法定代表人/).fill('李大方')
  await firm.getByLabel(/^注册资本/).fill('600万元')
  await filled(firm)
  await both(firm, 'agency-change-form')
  await act(firm, '提交')
  await firm.getByText('证书上现为').first().waitFor()
  await both(firm, 'agency-change-sent')
  const change = firm.url().split('/').at(-1)
  assert.match(await verified(open, held.number, 1), new RegExp(held.holder)) // nothing is changed yet

  const office = await signedIn(open, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${change}`)
  await office.getByText('慈溪演示人力资源有限公司').waitFor()
  await office.getByText(/还剩10个工作日|放假安排尚未公布/).first().waitFor()
  await both(office, 'agency-change-desk')
  await act(office, '准予变更', (p) => p.getByLabel(/意见/).fill('与变更后的营业执照一致'))
  await issued(office, open, tenant, change)
  await firm.reload()
  await firm.getByText('已办理变更').first().waitFor()
  await both(firm, 'agency-changed')

  const old = await verified(open, held.number, 1, 'agency-verify-replaced')
  assert.match(old, /您扫的是第1次印发的证书，已经被.*第2次印发的（变更名称、住所、法定代表人、注册资本）替换/)
  assert.match(old, /慈溪演示人力资源有限公司[^]*慈溪市浒山街道演示路2号[^]*李\*\*[^]*600万元/)
  assert.ok(!old.includes('李大方') && old.includes(held.number), old)
  const now = await verified(open, held.number, 2, 'agency-verify-changed')
  assert.ok(!now.includes('您扫的是') && now.includes('换发日期'), now)
  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).click()
  await firm.getByText(/第2次印发，变更名称/).waitFor()
  await both(firm, 'agency-licence-changed')
})

test('who asks in time is renewed for three years from the old end', async ({ open }) => {
  const firm = await signedIn(open, tenant, 'agency', phone)
  await firm.getByRole('button', { name: /去办理/ }).click()
  await firm.waitForURL(/cases\//)
  await firm.getByText(/还剩\d+日/).first().waitFor()
  await filled(firm)
  await both(firm, 'agency-renew-form')
  await act(firm, '提交')
  await both(firm, 'agency-renew-sent')
  const renewal = firm.url().split('/').at(-1)
  await firm.goto(`/${tenant}/firm`)
  await firm.getByText('延续正在办理').waitFor()
  await firm.getByRole('link', { name: /看进度/ }).waitFor()
  await both(firm, 'agency-home-renewing')

  const office = await signedIn(open, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${renewal}`)
  await act(office, '受理')
  await both(office, 'agency-renew-desk')
  await act(office, '准予延续', (p) => p.getByLabel(/意见/).fill('三年经营情况报告已核对'))
  await issued(office, open, tenant, renewal)
  await office.reload()
  await act(office, '通知领证')
  await firm.reload()
  const until = (await heldBy(firm)).valid_until
  const [y, ...rest] = held.valid_until.split('-')
  assert.equal(until, [Number(y) + 3, ...rest].join('-')) // no licence of the demo ends on a 29 February
  await firm.getByText('有效期至').first().waitFor()
  await both(firm, 'agency-home-renewed')
  const text = await verified(open, held.number, 2, 'agency-verify-renewed')
  assert.match(text, /已经被.*第3次印发的（延续）替换/)
  assert.match(text, new RegExp(`有效\\s*自[^]*至${Number(until.slice(0, 4))}年`))
})

test('a licence is suspended and resumed, and given up at last', async ({ open }) => {
  const office = await signedIn(open, tenant, 'officer')
  const leader = await signedIn(open, tenant, 'leader')
  const firm = await signedIn(open, tenant, 'agency', phone)
  for (const [propose, decide, state] of [['提请暂停', '决定暂停', '暂停'], ['提请恢复', '决定恢复', '有效']]) {
    await office.goto(`/${tenant}/desk/certificates/${held.id}`)
    await office.getByRole('button', { name: /暂停、恢复和吊销/ }).click()
    await office.waitForURL(/desk\/cases\//)
    await act(office, propose, (p) => p.getByLabel(/理由/).fill('经营场所与登记的不符'))
    await leader.goto(office.url())
    await act(leader, decide, (p) => p.getByLabel(/理由/).fill('情况属实'))
    await firm.goto(`/${tenant}/firm`)
    await firm.getByRole('heading', { name: '证书和要办的事' }).waitFor()
    await both(firm, `agency-home-${state === '暂停' ? 'suspended' : 'resumed'}`)
    assert.match(await verified(open, held.number, 3, state === '暂停' ? 'agency-verify-suspended' : undefined), new RegExp(`^[^]*${state}\\s*自`))
  }

  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).click()
  await firm.getByRole('button', { name: /注销/ }).click()
  await firm.waitForURL(/cases\//)
  await filled(firm)
  await both(firm, 'agency-surrender-form')
  await act(firm, '提交', (p) => p.getByLabel(/理由/).fill('不再经营劳务派遣业务'))
  const id = firm.url().split('/').at(-1)
  assert.match(await verified(open, held.number, 3), /有效\s*自/)
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await both(office, 'agency-surrender-desk')
  await act(office, '注销', (p) => p.getByLabel(/理由/).fill('企业申请，情况属实'))
  await firm.reload()
  await firm.getByText('许可证已注销').first().waitFor()
  assert.match(await verified(open, held.number, 3, 'agency-verify-surrendered'), /已注销\s*自/)
  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).click()
  await firm.getByRole('heading', { name: '变动记录' }).waitFor()
  await both(firm, 'agency-licence-surrendered')
  assert.equal(await firm.getByRole('button', { name: /变更|延续|注销/ }).count(), 0)
})

test('who asks late is told what the file says, and whose renewal nobody decides is renewed all the same', async ({ open, later }) => {
  let office = await signedIn(open, tenant, 'officer')
  const { items } = (await call(office, 'GET', `/api/${tenant}/certificates?within=3660&per=200`)).body // by their end
  const [late, , , , , , , , , , , intime] = items
  const admin = await signedIn(open, tenant, 'admin')
  await account(admin, open, tenant, 'late', '演示晚到的单位（虚构）', [{ role: 'firm', party: late.party }])
  await account(admin, open, tenant, 'intime', '演示及时的单位（虚构）', [{ role: 'firm', party: intime.party }])

  // 31 days are left of the oldest, and the file wants 60.
  let firm = await signedIn(open, tenant, 'late', phone)
  await firm.getByText(/已逾期\d+日/).first().waitFor()
  await both(firm, 'agency-home-late')
  await firm.getByRole('button', { name: /去办理/ }).click()
  await firm.waitForURL(/cases\//)
  await filled(firm)
  await firm.getByText(/最晚应在.*办理/).first().waitFor()
  assert.ok(await firm.getByRole('button', { name: '提交', exact: true }).isDisabled())
  await both(firm, 'agency-renew-late')
  await act(firm, '改按新申请办理')
  await firm.getByText('届满以后就可以提交').first().waitFor()
  await both(firm, 'agency-renew-given-up')

  firm = await signedIn(open, tenant, 'intime', phone)
  await firm.getByRole('button', { name: /去办理/ }).click()
  await firm.waitForURL(/cases\//)
  const own = new URL(firm.url()).pathname
  await filled(firm)
  await act(firm, '提交')
  await office.goto(`/${tenant}/desk/cases/${own.split('/').at(-1)}`)
  await act(office, '受理')

  await later(100)
  firm = await signedIn(open, tenant, 'intime', phone)
  const end = Number(intime.valid_until.slice(0, 4)) + 3
  await firm.getByText(`有效期至${end}年`).first().waitFor()
  await both(firm, 'agency-home-deemed')
  const text = await verified(open, intime.number, 1, 'agency-verify-deemed')
  assert.match(text, new RegExp(`有效\\s*自[^]*至${end}年`))
  assert.match(await verified(open, late.number, 1, 'agency-verify-expired'), /已届满\s*自/)
  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByRole('link', { name: '劳务派遣经营许可证' }).click()
  await firm.getByText('视为准予延续').first().waitFor()
  await both(firm, 'agency-licence-deemed')
  await firm.goto(own)
  await firm.getByText('视为准予延续').first().waitFor()
  await both(firm, 'agency-renew-deemed')
  office = await signedIn(open, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${own.split('/').at(-1)}`)
  await office.getByText('视为准予延续').first().waitFor()
  await both(office, 'agency-renew-deemed-desk')
})
