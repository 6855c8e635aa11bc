// Official documents on the pages: an action drafts one, its office reviews and issues it, the firm agrees to receive it, and anybody verifies its file.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { act, both, call, county, phone, signIn } from './harness.js'
import { applied } from './licence.js'

const tenant = 'cixi'
const test = county()

test('a notice of correction is drafted, reviewed, issued, received by the firm and verified by its file', async ({ open }) => {
  const office = await open()
  await signIn(office, tenant, 'officer')
  const round = await call(office, 'POST', `/api/${tenant}/rounds`, {
    number: 'WS', title: '劳务派遣经营许可', process: '劳务派遣许可申请', standing: true, performance: 0, opens: new Date().toISOString().slice(0, 10), closes: '', department: '市人力社保局',
    schemes: [{ scheme: 'labour-dispatch/劳务派遣经营许可', department: '市人力社保局' }],
  })
  assert.equal(round.status, 201, JSON.stringify(round.body))
  const opened = await call(office, 'POST', `/api/${tenant}/rounds/${round.body.id}/open`, { version: round.body.version })
  assert.equal(opened.status, 200, JSON.stringify(opened.body))

  const firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  const id = await applied(firm, tenant)

  // The action drafts the notice, and its office writes it out.
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await act(office, '一次性告知补正', (p) => p.locator('textarea, input[type=text], input:not([type])').last().fill('请补交验资报告'))
  const papers = office.locator('.papers')
  await papers.getByRole('link', { name: '一次性告知补正通知书' }).waitFor()
  await both(office, 'paper-case')
  await papers.getByRole('link', { name: '一次性告知补正通知书' }).click()
  await office.getByText('1.请补交验资报告').waitFor()
  await office.getByLabel('抄送（一行一个）').fill('周巷镇人民政府')
  await both(office, 'paper-draft')
  await office.getByRole('button', { name: '送复核' }).click()
  await office.getByRole('status').filter({ hasText: '已送复核' }).waitFor()
  assert.equal(await office.getByRole('button', { name: '复核通过' }).count(), 0) // who hands it in does not review it
  const address = new URL(office.url()).pathname

  const leader = await open()
  await signIn(leader, tenant, 'leader')
  await leader.goto(`/${tenant}/desk/papers?state=${encodeURIComponent('待复核')}`)
  await leader.getByRole('link', { name: '一次性告知补正通知书' }).waitFor()
  await both(leader, 'papers')
  await leader.getByRole('link', { name: '一次性告知补正通知书' }).click()
  await leader.getByRole('button', { name: '复核通过' }).click()
  await leader.getByRole('status').filter({ hasText: '待签发' }).waitFor()
  await leader.getByRole('button', { name: '签发', exact: true }).click()
  await leader.getByRole('status').filter({ hasText: '已签发' }).waitFor()
  const number = `补〔${new Date().getFullYear()}〕1号`
  await leader.getByText(number).first().waitFor()
  await both(leader, 'paper-issued')

  // The firm is told, agrees, and has the file.
  await firm.goto(`/${tenant}/firm`)
  await firm.goto((await call(firm, 'GET', `/api/${tenant}/notifications`)).body.items.find((n) => n.title.startsWith('有一份文书')).link.replace(/^/, `/${tenant}/`))
  const own = firm.locator('.papers')
  await own.getByText('这份文书已经签发').waitFor()
  assert.equal(await own.getByText('请补交验资报告').count(), 0)
  await both(firm, 'paper-sealed')
  await own.getByLabel('同意以电子方式送达这份文书').check()
  await own.getByRole('button', { name: '查收' }).click()
  await own.getByRole('link', { name: '下载文书' }).waitFor()
  await own.getByText('看全文').click()
  await both(firm, 'paper-received')
  const saved = firm.waitForEvent('download')
  await own.getByRole('link', { name: '下载文书' }).click()
  const path = await (await saved).path()
  const sum = createHash('sha256').update(await readFile(path)).digest('hex')
  await office.goto(address)
  await office.getByText(sum).waitFor()
  await office.getByText('电子送达').first().waitFor()
  await both(office, 'paper-delivered')

  // Anybody who has the file.
  const anybody = await open(phone)
  await anybody.goto(`/${tenant}/verify/document`)
  await anybody.getByLabel('文书的文件（.docx）').setInputFiles(path)
  await anybody.getByText('由本系统签发，没有改动').waitFor()
  await anybody.getByText(number).waitFor()
  assert.ok(!(await anybody.locator('main').innerText()).includes('验资报告'))
  await both(anybody, 'paper-verify')
})
