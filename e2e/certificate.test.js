// A licence on the pages: applied for at any time, granted, shown to its holder and at the desk, and verified by anybody.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { applied } from './licence.js'
import { goers, visited } from './visits.js'

const tenant = 'cixi'
const test = county()

/** issued lets the documents of a case that wait be handed in by the officer, and be reviewed and issued by the leader. */
async function issued(office, open, id) {
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

test('a licence is applied for, granted, kept in the register and verified by its number', async ({ open }) => {
  const office = await open()
  await signIn(office, tenant, 'officer')
  await office.goto(`/${tenant}/desk/certificates`)
  await office.getByText('还没有证书').waitFor()
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: '新开常年受理' }).click()
  await office.getByLabel('名称', { exact: true }).fill('劳务派遣经营许可')
  await office.getByLabel('编号').fill('PQ')
  await office.getByLabel('选择政策').selectOption('labour-dispatch/劳务派遣经营许可')
  await office.getByRole('button', { name: '加入', exact: true }).click()
  await office.getByLabel('办理流程').selectOption('劳务派遣许可申请')
  const department = office.getByLabel('组织部门')
  if ((await department.count()) && !(await department.inputValue())) await department.fill('市人力社保局')
  await both(office, 'licence-item')
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByRole('button', { name: '开始受理' }).click()
  await office.getByRole('status').filter({ hasText: '已开始受理' }).waitFor()

  const firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByText('还没有证书').waitFor()
  await both(firm, 'firm-certificates-none')
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.getByRole('heading', { name: '常年受理' }).waitFor()
  await both(firm, 'licence-openings')
  const id = await applied(firm, tenant, (page) => both(page, 'licence-apply'))

  await office.goto(`/${tenant}/desk/cases/${id}`)
  await act(office, '受理')
  const officers = await goers(open, tenant, '市人力社保局')
  await visited({ office, firm, officers, tenant, id })
  await act(office, '准予许可', (p) => p.getByLabel(/意见/).fill('材料齐全，符合条件'))
  await both(office, 'licence-granted')
  await issued(office, open, id)
  await office.reload()
  await act(office, '通知领证')

  await firm.goto(`/${tenant}/firm/certificates`)
  await firm.getByRole('link', { name: /劳务派遣经营许可/ }).first().waitFor()
  await both(firm, 'firm-certificates')
  const held = await call(office, 'GET', `/api/${tenant}/certificates`)
  assert.equal(held.body.items.length, 1)
  const { number } = held.body.items[0]
  await firm.getByRole('link', { name: /劳务派遣经营许可/ }).first().click()
  await firm.getByText(number).first().waitFor()
  await both(firm, 'firm-certificate')
  await office.goto(`/${tenant}/desk/certificates`)
  await office.getByText(number).waitFor()
  await both(office, 'certificates')
  await office.goto(`/${tenant}/desk/certificates/${held.body.items[0].id}`)
  await office.getByText(number).first().waitFor()
  await both(office, 'certificate')

  const anybody = await open(phone)
  await anybody.goto(`/${tenant}/verify`)
  await anybody.getByLabel('证书编号').fill(number)
  await anybody.getByRole('button', { name: '查验' }).click()
  await anybody.getByText('有效', { exact: true }).waitFor()
  const text = await anybody.locator('main').innerText()
  assert.ok(!text.includes('张三丰'), text) // the legal representative is shown in part
  await both(anybody, 'verify')

  // Whoever holds one is called to report on their year: the firm fills it in, the office verifies it, and it becomes a fact of the firm.
  const nextYear = new Date().getFullYear() + 1
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: '新开批次' }).click()
  await office.getByLabel('名称', { exact: true }).fill('劳务派遣单位年度报告')
  await office.getByLabel('编号').fill('NB')
  await office.getByLabel('选择政策').selectOption('labour-dispatch/劳务派遣年度报告')
  await office.getByRole('button', { name: '加入批次', exact: true }).click()
  await office.getByText('向每一家符合条件的发出').waitFor()
  if (!(await department.inputValue())) await department.fill('市人力社保局')
  await office.getByLabel('召集截止').fill(`${nextYear}-12-31`)
  await both(office, 'campaign-form')
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByText('召集后，每一家符合条件的企业都有一件').waitFor()
  await both(office, 'campaign-before')
  await act(office, '召集')
  await office.getByRole('link', { name: /填报 1/ }).waitFor()
  await both(office, 'campaign-called')
  const campaign = office.url()
  await act(office, '催办')

  await firm.goto(`/${tenant}/firm/cases`)
  await firm.getByRole('heading', { name: '应当办理' }).waitFor()
  await both(firm, 'called')
  await firm.getByRole('link', { name: /去填写/ }).click()
  await firm.getByLabel('联系人').fill('张三')
  await both(firm, 'called-form')
  await office.getByRole('link', { name: /填报 1/ }).click()
  await office.locator('tr', { hasText: 'NB-00001' }).getByRole('link').first().click()
  await office.getByText('已召集，还没有提交').waitFor()
  await both(office, 'called-case')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await act(firm, '提交')
  await office.reload()
  await act(office, '核验通过', (p) => p.getByLabel(/意见/).fill('与台账相符'))
  await office.goto(campaign)
  await act(office, '办结')
  await office.getByText('本次年度报告已全部办完').first().waitFor()
  await both(office, 'campaign-done')
})
