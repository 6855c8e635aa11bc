// An application for a dispatch licence, as the firm of the demonstration makes it.
import { act } from './harness.js'

/** Fills in the form from the firm's list of what may be applied for, looks at it with `look`, and hands it in; it returns the case's id. */
export async function applied(firm, tenant, look = async () => {}) {
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.locator('.card', { hasText: '劳务派遣经营许可' }).getByRole('button', { name: /去申报|去申请/ }).first().click()
  await firm.getByRole('heading', { name: '证书' }).waitFor()
  await firm.getByLabel('注册资本').first().fill('500')
  await firm.getByLabel('住所').fill('慈溪市周巷镇演示路1号')
  await firm.getByLabel('法定代表人').fill('张三丰')
  const capital = firm.locator('#certificate-注册资本')
  if (await capital.count()) await capital.fill('500万元')
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await look(firm)
  await act(firm, '提交')
  return firm.url().split('/').at(-1)
}
