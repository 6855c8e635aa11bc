// An officer reads a firm's contact in full and says why; an auditor finds that reading in the log, and has the log verified.
import assert from 'node:assert/strict'
import { call, county, exported, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const test = county()
const firm = '慈溪市联系人测试电器有限公司'
const reason = '核对申报材料上的联系人'

test('contact data is masked, shown for a reason, and the reading stands in the log', async ({ page, open }) => {
  await signIn(page, tenant, 'officer')
  await page.goto(`/${tenant}/desk/parties/new`)
  await page.getByLabel('名称', { exact: true }).fill(firm)
  await page.getByLabel('证照上确实如此，按例外登记').check()
  await page.getByLabel(/例外理由/).fill('浏览器测试用，没有代码')
  await page.getByLabel('所在镇街').fill('横河镇')
  await page.getByLabel(/^规模/).fill('特大型')
  await page.getByLabel(/^联系人/).fill('欧阳明珠')
  await page.getByLabel(/^联系电话/).fill('13812345678')
  page.allow(422)
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('应写其中之一：大型、中型、小型、微型').waitFor()
  await page.getByLabel(/^规模/).fill('小型')
  await page.getByRole('button', { name: '保存' }).click()

  await page.getByRole('heading', { name: firm }).waitFor()
  await page.getByText('138****5678').waitFor()
  for (const text of ['13812345678', '欧阳明珠']) assert.equal(await page.getByText(text).count(), 0, `${text} is masked`)
  await page.getByRole('button', { name: '查看完整联系方式' }).click()
  const box = page.getByLabel(/查看理由/)
  await box.press('Enter')
  await page.getByText('请写明查看的理由').waitFor()
  assert.equal(await page.getByText('13812345678').count(), 0, 'nothing without a reason')
  await box.fill(reason)
  await picture(page, 'unmask-desktop')
  await box.press('Enter')
  await page.getByRole('status').filter({ hasText: '欧阳明珠，13812345678' }).waitFor()
  await picture(page, 'unmasked-desktop')
  const id = page.url().split('/').at(-1)
  await page.reload()
  await page.getByText('138****5678').waitFor()
  assert.equal(await page.getByText('13812345678').count(), 0, 'masked again after a reload')

  // Neither an officer nor an administrator reads the log.
  for (const login of ['officer', 'admin']) {
    const p = login === 'officer' ? page : await open()
    if (login === 'admin') await signIn(p, tenant, login)
    assert.equal(await p.getByRole('link', { name: '审计记录' }).count(), 0)
    p.allow(403)
    assert.equal((await call(p, 'GET', `/api/${tenant}/audit`)).status, 403)
    await p.goto(`/${tenant}/desk/audit`)
    await p.getByText('只有审计人员可以查看审计记录').first().waitFor()
  }

  const auditor = await open()
  await signIn(auditor, tenant, 'auditor')
  await auditor.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '审计记录' }).click()
  const row = auditor.getByRole('row').filter({ hasText: '查看个人信息' })
  await row.filter({ hasText: reason }).waitFor()
  for (const text of [firm, 'officer（演示干部（全市））', reason]) await row.getByText(text).first().waitFor()
  assert.equal(await auditor.getByText('13812345678').count(), 0, 'the log holds no contact data')
  await auditor.getByLabel('事项').selectOption({ label: '查看个人信息' })
  await auditor.waitForURL('**action=party.unmask**')
  await auditor.getByText('共 1 条').waitFor()
  const { name, rows } = await exported(auditor)
  assert.equal(name, '审计记录.xlsx')
  assert.equal(rows.length, 2)
  assert.ok(rows[1].join().includes(reason) && rows[1].join().includes(firm) && !rows[1].join().includes('13812345678'), rows[1].join())

  // From the record to the firm, and from the firm to everything that was done to it.
  await row.getByRole('link', { name: firm }).click()
  await auditor.getByRole('heading', { name: firm }).waitFor()
  assert.equal(await auditor.getByRole('button', { name: '查看完整联系方式' }).count(), 0, 'an auditor reads no contact data')
  await auditor.getByRole('link', { name: '审计记录' }).last().click()
  await auditor.waitForURL(`**about=${id}**`)
  await auditor.getByRole('row').filter({ hasText: '按代码例外登记' }).waitFor()
  await auditor.getByText('共 2 条').waitFor()
})

test('an auditor pages through the log and has it verified', async ({ page, open }) => {
  await signIn(page, tenant, 'auditor')
  await page.goto(`/${tenant}/desk/audit`)
  await page.getByText('还没有核验过').waitFor()
  await page.getByRole('button', { name: '核验', exact: true }).click()
  await page.getByText('没有发现改动').waitFor()
  await page.getByText('auditor（演示审计）核验').waitFor()
  await page.getByRole('row').filter({ hasText: '核验审计记录' }).first().waitFor()
  await page.evaluate(() => scrollTo(0, 0))
  await picture(page, 'audit-desktop', { full: true })

  // Enough records for a second page: each reading of personal data is one.
  const seqs = async () => (await page.getByText(/^第 \d+ 条$/).allInnerTexts()).map((s) => Number(s.replace(/\D/g, '')))
  const first = await seqs()
  assert.deepEqual(first, [...first].sort((a, b) => b - a), 'the newest first')
  const officer = await open()
  await signIn(officer, tenant, 'officer')
  const some = await call(officer, 'GET', `/api/${tenant}/parties?per=1`)
  for (let i = first.length; i <= 50; i++) {
    const read = await call(officer, 'POST', `/api/${tenant}/parties/${some.body.items[0].id}/unmask`, { reason })
    assert.equal(read.status, 200)
  }
  await page.reload()
  await page.getByRole('button', { name: '更早的记录' }).click()
  await page.waitForURL('**before=**')
  await page.getByRole('button', { name: '回到最新' }).and(page.locator(':enabled')).waitFor()
  let older = await seqs()
  while (older.at(-1) > 1) {
    await page.getByRole('button', { name: '更早的记录' }).click()
    await page.waitForURL(`**before=${older.at(-1)}**`)
    await page.getByText(`第 ${older.at(-1) - 1} 条`, { exact: true }).waitFor()
    assert.equal((await seqs())[0], older.at(-1) - 1, 'no record is left out between two pages')
    older = await seqs()
  }
  await page.getByRole('button', { name: '回到最新' }).click()
  await page.getByRole('button', { name: '更早的记录' }).and(page.locator(':enabled')).waitFor()

  await page.setViewportSize(phone)
  await page.reload()
  await page.getByRole('row').filter({ hasText: '查看个人信息' }).first().waitFor()
  await picture(page, 'audit-phone', { full: true })
  await page.goto(`/${tenant}/desk/imports`)
  await page.getByText('还没有导入过').waitFor() // an auditor sees what there is, and cannot import
  assert.equal(await page.getByRole('button', { name: '上传并检查' }).count(), 0)
})
