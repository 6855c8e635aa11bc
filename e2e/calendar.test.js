// A year's days off are published with four eyes: a limit that ends in a year whose notice is not out says so; an administrator writes the year down
// on the page, sees it month by month, another approves; then the limit is reckoned, and the calendar shows the year.
import assert from 'node:assert/strict'
import { act, both, call, county, signIn } from './harness.js'
import { applied, issued, standing } from './licence.js'
import { signedIn } from './given.js'

const tenant = 'cixi'
const test = county()
let applying

// Invented. 1 to 4 January 2027 (Friday to Monday) are off, Sunday 27 December 2026 is worked.
const year = `calendar: 2027
source: {title: 虚构的2027年放假安排, number: 虚构〔2026〕1号, body: 虚构的机关, published: 2026-11-05, url: not_found}
holidays:
  元旦: {days_off: 2027-01-01..2027-01-04, workdays: 2026-12-27}
  春节: {days_off: 2027-02-05..2027-02-11, workdays: [2027-01-31, 2027-02-20]}
notes:
- {choice: 整份安排是虚构的, by: 浏览器测试, status: assumption}
`

// Handed in on Tuesday 29 December 2026, five working days: 30, 31 December, then 5, 6, 7 January.
const handedIn = '2026-12-29'
const due = '2027-01-07'

test('a limit in a year that is not published is reckoned once two administrators have published it', async ({ page, later, open }) => {
  await signIn(page, tenant, 'firm')
  const { today } = (await call(page, 'GET', `/api/${tenant}/about`)).body
  const ahead = (Date.parse(handedIn) - Date.parse(today)) / 86400_000
  await later(ahead)
  await standing(await signedIn(open, tenant, 'officer'), tenant, '劳务派遣许可申请', 'RL')

  const firm = await signedIn(open, tenant, 'firm')
  const id = await applied(firm, tenant)
  applying = id
  const address = new URL(firm.url()).pathname
  await firm.getByText('2027年放假安排尚未公布').first().waitFor()
  await both(firm, 'calendar-unknown')

  const admin = await signedIn(open, tenant, 'admin')
  await admin.goto(`/${tenant}/desk`)
  await admin.getByRole('link', { name: '工作日历' }).first().click()
  await admin.getByRole('heading', { name: '2026年放假安排' }).waitFor()
  assert.equal(await admin.getByRole('link', { name: '2004' }).isVisible(), false)
  await both(admin, 'calendar-shipped')
  await admin.getByRole('link', { name: '2027（未公布）' }).click()
  await both(admin, 'calendar-missing')
  await admin.getByRole('link', { name: '提出2027年的放假安排' }).click()
  const area = admin.getByLabel('cixi/calendar-2027.yaml 的内容')
  await area.waitFor()
  assert.match(await area.inputValue(), /^calendar: 2027\n/)
  // What is not filled in is refused, and a weekday that would be "made up" for.
  await admin.getByRole('button', { name: '检查', exact: true }).click()
  await admin.getByText('查不到的写 number: not_found').waitFor()
  await area.fill(year.replace('workdays: 2026-12-27', 'workdays: 2026-12-28'))
  await admin.getByRole('button', { name: '检查', exact: true }).click()
  await admin.getByText('2026-12-28是周一，本来就上班').waitFor()
  await both(admin, 'calendar-wrong')
  await area.fill(year)
  await admin.getByRole('button', { name: '检查', exact: true }).click()
  const part = admin.getByRole('region', { name: /放假安排/ })
  await part.getByText('因为2027年没有公布而算不出来的期限马上算出来').waitFor()
  // 261 days from Monday to Friday; off among them 1, 4 January, 5, 8, 9, 10, 11 February; worked 31 January, 20 February: 261 - 7 + 2.
  await part.getByText('全年工作日 256 天').waitFor()
  await both(admin, 'calendar-propose')
  await admin.getByLabel('说明').fill('2027年放假安排（虚构）')
  await admin.getByRole('button', { name: /提交，等另一名/ }).click()
  await admin.getByRole('heading', { name: '2027年放假安排（虚构）' }).waitFor()

  const second = await signedIn(open, tenant, 'approver')
  await second.goto(`/${tenant}/desk/policies`)
  await second.getByRole('link', { name: '2027年放假安排（虚构）' }).click()
  await second.getByText('全年工作日 256 天').waitFor()
  await second.getByRole('button', { name: '核准并发布' }).click()
  await second.getByRole('button', { name: '确定核准' }).click()
  await second.getByText('已经发布').waitFor()
  await second.goto(`/${tenant}/desk/calendar?year=2027`)
  await second.getByText('由本地发布').waitFor()
  await both(second, 'calendar-published')
  await second.getByRole('link', { name: '文件和历次版本' }).click()
  await second.getByRole('cell', { name: '演示管理员提出，演示管理员（复核）核准' }).waitFor()
  await both(second, 'calendar-file')

  // The server looks at what time asks for when it starts, and every minute.
  await later(ahead)
  const again = await signedIn(open, tenant, 'firm')
  await again.goto(address)
  await again.waitForFunction(
    async ([t, c, d]) => JSON.stringify(await (await fetch(`/api/${t}/cases/${c}`)).json()).includes(`"due":"${d}"`),
    [tenant, id, due],
    { polling: 500 },
  )
  await again.reload()
  await again.getByText(`${due}到期`).first().waitFor()
  assert.equal(await again.getByText('尚未公布').count(), 0)
  await both(again, 'calendar-known')
})

test('the series of numbers are listed with the file that declares them and the last number, to administrators', async ({ page, open }) => {
  const office = await signedIn(open, tenant, 'officer')
  await office.goto(`/${tenant}/desk/cases/${applying}`)
  await act(office, '受理')
  await issued(office, open, tenant, applying)
  await signIn(page, tenant, 'admin')
  await page.goto(`/${tenant}/desk/numbers`)
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '受〔2026〕1号', exact: true }) })
  await row.getByRole('link', { name: 'national/template-accept.yaml' }).waitFor()
  assert.deepEqual((await row.getByRole('cell').allInnerTexts()).slice(2, 4), ['1', '0'])
  await page.getByRole('rowheader', { name: '受〔年份〕序号', exact: true }).waitFor()
  await page.getByRole('rowheader', { name: '示例派〔发证的年份〕〔4位序号〕' }).waitFor()
  await both(page, 'numbers')
})
