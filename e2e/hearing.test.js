// A licence is to be revoked: its holder asks for a hearing, is told of its day in time, and reads and answers its record before anything is decided.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { applied, issued, standing } from './licence.js'
import { goers, visited } from './visits.js'

const tenant = 'cixi'
const test = county()

test('before a licence is revoked its holder is heard', async ({ open, later }) => {
  let office = await open()
  await signIn(office, tenant, 'officer')
  await standing(office, tenant, '劳务派遣许可申请', 'SQ')
  await standing(office, tenant, '劳务派遣许可处理', 'CL')
  let firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  const licence = await applied(firm, tenant)
  const own = new URL(firm.url()).pathname.replace(/[^/]*$/, '')
  await office.goto(`/${tenant}/desk/cases/${licence}`)
  await act(office, '受理')
  const officers = await goers(open, tenant, '市人力社保局')
  await visited({ office, firm, officers, tenant, id: licence })
  await act(office, '准予许可', (p) => p.getByLabel(/意见/).fill('材料齐全，符合条件'))
  await issued(office, open, tenant, licence)
  await office.reload()
  await act(office, '通知领证')

  const { items } = (await call(office, 'GET', `/api/${tenant}/certificates`)).body
  await office.goto(`/${tenant}/desk/certificates/${items[0].id}`)
  await office.getByRole('button', { name: /劳务派遣许可处理/ }).click()
  await office.waitForURL(/desk\/cases\//)
  const id = office.url().split('/').at(-1)
  await act(office, '提请吊销', (p) => p.getByLabel(/理由/).fill('逾期不改正'))
  let leader = await open()
  await signIn(leader, tenant, 'leader')
  await leader.goto(`/${tenant}/desk/cases/${id}`)
  await act(leader, '告知听证权', (p) => p.getByLabel(/告知|理由/).first().fill('逾期不改正，拟吊销许可证'))

  await firm.goto(own + id)
  await firm.getByText('要求听证的，请在5个工作日内提出').first().waitFor()
  await both(firm, 'hearing-right')
  await act(firm, '要求听证', (p) => p.getByLabel(/理由/).fill('已经改正，有整改报告'))

  await office.goto(`/${tenant}/desk/cases/${id}`)
  const { plans } = (await call(office, 'GET', `/api/${tenant}/cases/${id}/visits`)).body
  const plan = plans.find((p) => p.hearing)
  const first = plan.earliest
  if (!first) { // near the end of a year whose next is not published
    await office.getByRole('button', { name: '安排听证' }).first().click()
    await office.getByText('放假安排还没有公布').waitFor()
    return
  }
  const me = (await call(office, 'GET', '/api/session')).body
  const name = (me.actor ?? me).name
  assert.ok(name && plan.officers.length && !plan.officers.some((o) => o.name === name), `who proposed it does not hold it: ${JSON.stringify([me, plan.officers])}`)
  await act(office, '安排听证', async (p) => {
    await p.getByText('7个工作日').first().waitFor()
    for (const name of ['王核查', '李核查']) await p.getByLabel(name).check()
    await p.getByLabel('听证的地点').fill('人力社保局三楼会议室')
    await p.getByLabel('听证的时间').fill(`${first}T09:30`)
    await both(office, 'hearing-plan')
  })
  await firm.reload()
  await firm.getByRole('heading', { name: '听证', exact: true }).waitFor()
  await firm.getByText('09:30').first().waitFor()
  await both(firm, 'hearing-told')

  const today = (await call(office, 'GET', `/api/${tenant}/about`)).body.today
  await later((Date.parse(first) - Date.parse(today)) / 86400e3 + 1)
  const [chair, clerk] = [await open(phone), await open(phone)]
  for (const [page, login] of [[chair, 'walker'], [clerk, 'driver']]) {
    await signIn(page, tenant, login)
    await page.goto(`/${tenant}/desk/visits`)
    await page.getByRole('link', { name: /./ }).filter({ has: page.locator('strong') }).first().click()
    await page.getByRole('heading', { name: '签字' }).waitFor()
  }
  const item = (n) => chair.getByRole('region', { name: `第${n}项`, exact: true })
  await item(1).getByRole('radio', { name: '是', exact: true }).check()
  for (const [n, text] of [[2, '检查记录和责令改正书'], [3, '已经改正'], [4, '整改报告一份'], [5, '双方陈述完毕']]) {
    await item(n).getByLabel('情况').fill(text)
    await item(n).getByLabel('情况').blur()
  }
  await chair.getByRole('status').filter({ hasText: '都已发送' }).waitFor()
  await both(chair, 'hearing-record')
  await chair.getByRole('button', { name: '签字确认以上内容' }).click()
  await chair.getByRole('button', { name: '您已签字' }).waitFor()
  await clerk.reload()
  await clerk.getByRole('button', { name: '签字确认以上内容' }).click()
  await clerk.getByText('已签字', { exact: true }).first().waitFor()

  firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  await firm.goto(own + id)
  await firm.getByText('整改报告一份').waitFor()
  await both(firm, 'hearing-read')
  await firm.getByRole('button', { name: '笔录有误' }).click()
  await firm.getByLabel('哪里不对').fill('整改报告是两份')
  await firm.getByRole('button', { name: '提出' }).click()
  await firm.getByText('您认为笔录有误：整改报告是两份').waitFor()

  office = await open()
  await signIn(office, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${id}`)
  await office.getByText('申请人认为笔录有误：整改报告是两份').waitFor()
  await both(office, 'hearing-desk')
  await act(office, '听证结束', (p) => p.getByLabel(/意见/).fill('已举行听证'))
  leader = await open()
  await signIn(leader, tenant, 'leader')
  await leader.goto(`/${tenant}/desk/cases/${id}`)
  await act(leader, '不予吊销', (p) => p.getByLabel(/理由/).fill('已经改正'))
  await firm.reload()
  await firm.getByText('不作处理').first().waitFor()
})
