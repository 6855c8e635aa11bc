// The yearly verification of 132 dispatch agencies, as the office in charge follows it: how far it is, who is late, and the list as a workbook.
// The agencies and what they reported are invented.
import assert from 'node:assert/strict'
import { both, county, exported, signIn } from './harness.js'

const tenant = 'cixi'
const test = county(async () => ({ flags: ['--demo-firms', '945'] }))

test('the yearly verification of 132 agencies shows how far it is and who is late', async ({ open }) => {
  const office = await open()
  await signIn(office, tenant, 'officer')
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: /劳务派遣单位年度报告核验/ }).first().click()
  // 106 verified, 6 not reported, 4 exempt: 116 of 132 are done.
  await office.getByText('共132家，已办结116家').waitFor()
  await office.getByRole('link', { name: /已核验\s*106\s*（逾期\s*8\s*）/ }).waitFor()
  await both(office, 'campaign-132')

  // 8 verified, 9 waiting, 5 sent back, 6 put down as not reported and 2 open: 30 are late.
  await office.getByRole('link', { name: '逾期的30家' }).click()
  await office.getByText('逾期报送').first().waitFor()
  await office.getByText(/共\s*30/).first().waitFor()
  await both(office, 'campaign-late')
  await office.getByLabel('期限').selectOption('')
  await office.getByText(/共\s*132/).first().waitFor()
  const { rows } = await exported(office)
  const heading = rows.findIndex((r) => r.includes('逾期'))
  assert.equal(rows.length - heading - 1, 132)
  assert.equal(rows.slice(heading + 1).filter((r) => r.at(-1) === '是').length, 30)
  await both(office, 'campaign-all')
  // What the agencies listed of 60 firms, added up: three are above a tenth, the fourth is exactly at it, of the fifth no headcount is known.
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: /劳务派遣单位年度报告核验/ }).first().click()
  await office.getByRole('link', { name: /^不符合\s*3$/ }).waitFor()
  await office.getByRole('link', { name: '查看全部（60家）' }).click()
  await office.getByText('8家没有报送').waitFor()
  const first = office.getByRole('row').nth(1)
  await first.getByText('不符合').waitFor()
  await first.getByText('25%').waitFor()
  assert.equal(await office.getByText('缺：2025年订立劳动合同人数').count(), 1)
  await both(office, 'tally')
  const sums = (await exported(office)).rows
  const found = sums.slice(sums.findIndex((r) => r.includes('统一社会信用代码')) + 1)
  assert.equal(found.length, 60)
  assert.deepEqual(['不符合', '未知', '符合'].map((w) => found.filter((r) => r.includes(w)).length), [3, 1, 56])
  assert.equal(found.filter((r) => r.includes('符合') && r.includes('10%')).length, 1)

  // One is handed on; pressed once more there is nothing to press.
  await first.getByRole('button', { name: /^移送/ }).click()
  await first.getByRole('button', { name: '确认移送' }).click()
  await office.getByText(/已移送.*编号/).waitFor()
  await first.getByRole('link', { name: /已移送/ }).click()
  await office.getByRole('heading', { name: '移送的情况' }).waitFor()
  await office.getByText('25%').first().waitFor()
  await both(office, 'referral')

  // The agencies that have not reported are handed on from the round.
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: /劳务派遣单位年度报告核验/ }).first().click()
  await office.getByRole('button', { name: '移送逾期未报的' }).click()
  await office.getByRole('button', { name: '确认' }).first().click()
  await office.getByText('已移送逾期未报的。').waitFor()
  await office.goto(`/${tenant}/desk/cases`)
  await office.getByLabel('批次').selectOption({ label: '劳务派遣监督检查（演示）' })
  await office.getByText(/共\s*9/).first().waitFor()
  await both(office, 'referred')
  await office.goto(`/${tenant}/desk/certificates`)
  await office.getByText('示例派').first().waitFor()
  await both(office, 'certificates-132')
})
