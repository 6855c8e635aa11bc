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
  await office.goto(`/${tenant}/desk/certificates`)
  await office.getByText('示例派').first().waitFor()
  await both(office, 'certificates-132')
})
