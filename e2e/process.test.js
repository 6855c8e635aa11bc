// A process is changed with four eyes: an administrator is refused a limit longer than the law's with its article, changes a promised limit and
// what a stage is called, sees the sentences, the diagram and the rehearsal; another publishes; what began before keeps the edition it began with.
import assert from 'node:assert/strict'
import { act, both, county, phone, signIn } from './harness.js'

const tenant = 'cixi'
const service = 'ningbo/process-service.yaml'
const law = 'national/process-dispatch-apply.yaml'
const test = county()

function change(text, old, now) {
  assert.ok(text.includes(old), `the file does not say ${old}`)
  return text.replace(old, now)
}

async function standing(office, name, number) {
  await office.goto(`/${tenant}/desk/rounds`)
  await office.getByRole('link', { name: '新开常年受理' }).click()
  await office.getByLabel('名称', { exact: true }).fill(name)
  await office.getByLabel('编号').fill(number)
  const option = await office.getByLabel('选择政策').locator('option', { hasText: '中介服务对接' }).first().getAttribute('value')
  await office.getByLabel('选择政策').selectOption(option)
  await office.getByRole('button', { name: '加入', exact: true }).click()
  await office.getByRole('button', { name: '保存' }).click()
  await office.getByRole('button', { name: '开始受理' }).click()
  await office.getByRole('status').filter({ hasText: '已开始受理' }).waitFor()
}

async function asked(firm, name, what) {
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.locator('.card', { hasText: name }).getByRole('button', { name: /去申报/ }).first().click()
  await firm.getByLabel('要咨询或请求办理的事情').fill(what)
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
  await act(firm, '提交')
  return firm.url().split('/').at(-1)
}

test('a process is edited, drawn, rehearsed and published by a second person; old cases go on by the old one', async ({ page, open }) => {
  const office = await open()
  await signIn(office, tenant, 'jingxin')
  await standing(office, '旧版本的服务', 'JB')
  const firm = await open(phone)
  await signIn(firm, tenant, 'firm')
  const old = await asked(firm, '旧版本的服务', '旧版本时提出的请求')

  // The published file is drawn, and can be read as text on a phone.
  await signIn(page, tenant, 'admin')
  await page.goto(`/${tenant}/desk/policies/file?path=${law}`)
  const drawing = page.getByRole('img', { name: /劳务派遣行政许可（申请）.*的流程图/ })
  await drawing.waitFor()
  await drawing.getByText('时限：20个工作日内').waitFor()
  await page.getByRole('button', { name: '看文字' }).click()
  await page.getByText('“不予许可” → 不予许可').waitFor()
  await page.getByRole('button', { name: '看图' }).click()
  await both(page, 'process-file')
  const lawful = await page.evaluate(async ([t, f]) => (await (await fetch(`/api/${t}/publications/file?path=${encodeURIComponent(f)}`)).json()).text, [tenant, law])

  // A local form with 6 working days for what the law gives 5 is refused, with the article; shorter is not.
  const local = (days) => change(change(lawful, 'process: 劳务派遣许可申请\n', 'process: 本地派遣许可\nfrom: 劳务派遣许可申请\n'), 'time: 5工作日', `time: ${days}工作日`)
  const upload = (days) => page.getByLabel('选择政策文件').setInputFiles({ name: 'process-here.yaml', mimeType: 'application/yaml', buffer: Buffer.from(local(days)) })
  await page.goto(`/${tenant}/desk/policies/propose?edit=${encodeURIComponent(service)}`)
  const area = page.getByLabel(`${service} 的内容`)
  const text = await area.inputValue()
  await area.fill(change(change(text, '    答复:\n      public:', '    答复:\n      title: 研究答复\n      public:'), 'time: 5工作日', 'time: 3工作日'))
  await upload(6)
  await page.getByRole('button', { name: '检查', exact: true }).click()
  await page.getByText(/收件.*期限是5个工作日，只能更短；这里是6个工作日.*人社部令第19号）第九条/).first().waitFor()
  assert.equal(await page.getByRole('button', { name: /提交，等另一名/ }).count(), 0)
  await both(page, 'process-refused')
  await upload(4)
  await page.getByRole('button', { name: '检查', exact: true }).click()

  // What changes, in sentences and in the diagram.
  const changes = page.getByRole('region', { name: '改了什么' })
  await changes.locator('li', { hasText: '在3个工作日内办理' }).first().waitFor()
  await changes.locator('li', { hasText: '“答复”改称“研究答复”' }).waitFor()
  assert.ok((await changes.locator('li').count()) <= 4, 'a new name is said once')
  await page.getByText('已经在办的申报和批次不受影响').waitFor()
  const after = page.getByRole('img', { name: /服务请求与答复.*的流程图/ })
  await after.getByText('研究答复').first().waitFor()
  await after.getByText('◆ 有改动').first().waitFor()
  await both(page, 'process-changed')
  await page.getByLabel('说明').fill('答复改为3个工作日')
  await page.getByRole('button', { name: /提交，等另一名/ }).click()
  await page.getByText('自己提出的草案须由另一名管理员核准').waitFor()
  const draft = page.url()

  // The rehearsal: the good way first, then one by hand, then all of them.
  await page.getByRole('heading', { name: '服务请求与答复：发布后的流程图' }).locator('..').getByRole('link', { name: '演练这个流程' }).click()
  await page.getByRole('heading', { name: '演练：服务请求与答复' }).waitFor()
  await page.getByText('到此结束：办结').waitFor()
  await page.getByText('还剩3个工作日').first().waitFor()
  await both(page, 'rehearsal')
  await page.getByRole('button', { name: '从头自己选' }).click()
  await page.getByRole('button', { name: /^提交/ }).click()
  await page.getByText('现在在“研究答复”').waitFor()
  await page.getByRole('button', { name: /^请说清楚/ }).click()
  await page.getByText('现在在“补充”').waitFor()
  await page.getByRole('button', { name: /^等到逾期/ }).click()
  await page.getByText('到此结束：撤回').waitFor()
  await page.getByText('逾期，由系统办理：不再补充').waitFor()
  await both(page, 'rehearsal-by-hand')
  await page.getByRole('button', { name: '逐条走一遍' }).click()
  await page.getByText(/全部 \d+ 条都走得通|没有人能办/).first().waitFor()
  assert.equal(await page.getByText('走不下去').count(), 0)
  await both(page, 'rehearsal-all')

  // Documents are made with sample data.
  await page.goto(`/${tenant}/desk/policies/rehearsal?process=${encodeURIComponent('劳务派遣许可申请')}`)
  await page.getByText('起草《受理通知书》').click()
  await page.getByText('样例企业（演练，虚构）').first().waitFor()
  await both(page, 'rehearsal-document')

  const second = await open()
  await signIn(second, tenant, 'approver')
  await second.goto(draft)
  await second.getByRole('button', { name: '核准并发布' }).click()
  await second.getByRole('button', { name: '确定核准' }).click()
  await second.getByText('已经发布').waitFor()

  // The old case goes on by the old edition, a new one by the new.
  await standing(office, '新版本的服务', 'XB')
  const fresh = await asked(firm, '新版本的服务', '新版本时提出的请求')
  await firm.getByText('研究答复').first().waitFor()
  await office.goto(`/${tenant}/desk/cases/${old}`)
  await office.getByText('还剩5个工作日').first().waitFor()
  await office.goto(`/${tenant}/desk/cases/${fresh}`)
  await office.getByText('还剩3个工作日').first().waitFor()
  await office.locator('summary', { hasText: '流程图' }).click()
  const here = office.getByRole('img', { name: /的流程图/ })
  await here.getByText('● 现在在这里').waitFor()
  await here.getByText('研究答复').first().waitFor()
  await both(office, 'process-case')
})
