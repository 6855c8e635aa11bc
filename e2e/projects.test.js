// Two projects of one firm in one round: the application says which one it is about, its figures are that project's, and another application is for
// another project. The clause is 2024's for photovoltaic projects; the projects and their figures are invented.
import assert from 'node:assert/strict'
import { act, both, call, county, phone, signIn } from './harness.js'
import { today } from './payment.js'

const tenant = 'cixi'
const test = county()
const title = '分布式光伏补助'

/** A call that must succeed. */
async function ask(page, method, path, body) {
  const r = await call(page, method, `/api/${tenant}${path}`, body)
  assert.ok(r.status < 300, `${method} ${path}: ${JSON.stringify(r)}`)
  return r.body
}

async function filled(firm, project, capacity, day) {
  await firm.getByLabel('项目的名称或编号').fill(project)
  await firm.getByText('已保存').waitFor()
  const field = firm.locator('.ask', { hasText: '装机容量' })
  await field.getByRole('textbox').first().fill(capacity)
  const record = firm.locator('.ask', { hasText: '光伏并网验收' })
  await record.locator('input[type=date]').first().fill(day)
  await firm.getByLabel('联系人').fill('张三')
  await firm.getByLabel('联系电话').fill('13800000000')
  await firm.getByLabel('已阅读并同意以上承诺').check()
  await firm.getByText('已保存').waitFor()
}

test('a firm applies for two of its projects in one round', async ({ open }) => {
  const as = async (login, view) => {
    const page = await open(view)
    await signIn(page, tenant, login)
    return page
  }
  const office = await as('jingxin')
  const firm = await as('firm', phone)
  const day = await today(office, tenant)
  const round = (await ask(office, 'POST', '/rounds', {
    number: '光伏-01', title: '光伏补助（演示）', process: '申报评审', performance: 2024, opens: day, closes: `${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('02-29', '02-28')}`, department: '市经信局',
    schemes: [{ scheme: 'cx2024/C012', department: '市经信局', materials: [] }],
  })).id
  const task = (await ask(office, 'GET', `/rounds/${round}/progress`)).tasks.find((t) => t.actions.some((a) => a.key === '开放申报'))
  await ask(office, 'POST', `/rounds/${round}/actions`, { task: task.id, version: task.version, action: '开放申报' })

  const card = firm.locator('.card', { hasText: '光伏补助（演示）' }).first()
  await firm.goto(`/${tenant}/firm/cases`)
  await card.getByRole('button', { name: /去申报/ }).click()
  await firm.getByText('请写明申报的是哪一个项目').waitFor()
  await both(firm, 'projects-empty')
  await filled(firm, '一号屋顶', '400000', '2024-06-01')
  await firm.getByText('最高4万元').first().waitFor()
  await both(firm, 'projects-form')
  await act(firm, '提交')
  await firm.getByText('项目：').waitFor()
  await both(firm, 'projects-submitted')

  // Another one is begun beside it; nothing of the first is filled in, and it cannot be the same.
  await firm.goto(`/${tenant}/firm/cases`)
  await firm.getByRole('button', { name: /另报一个项目/ }).waitFor()
  await both(firm, 'projects-list')
  await firm.getByRole('button', { name: /另报一个项目/ }).click()
  await firm.getByText('请写明申报的是哪一个项目').waitFor()
  assert.equal(await firm.getByText('400000').count(), 0)
  await filled(firm, '二号屋顶', '1200000', '2024-08-01')
  await firm.getByText('最高10万元').first().waitFor()
  await act(firm, '提交')
  await firm.getByText('二号屋顶').first().waitFor()

  await office.goto(`/${tenant}/desk/cases?round=${round}`)
  await office.getByText(`${title}（一号屋顶）`).first().waitFor()
  await office.getByText(`${title}（二号屋顶）`).first().waitFor()
  await both(office, 'projects-cases')
  const cases = (await ask(office, 'GET', `/cases?round=${round}`)).items
  await office.goto(`/${tenant}/desk/cases/${cases.find((c) => c.thing === '一号屋顶').id}`)
  await office.getByText('最高4万元').first().waitFor()
  await both(office, 'projects-case')
  await firm.goto(`/${tenant}/firm/facts`)
  await firm.getByText('（一号屋顶）').first().waitFor()
  await both(firm, 'projects-facts')

  // What is added by hand says its project too, and a correction stays with it.
  await firm.getByRole('button', { name: '添加数据' }).click()
  await firm.getByLabel('要添加哪一项数据').fill('装机容量')
  await firm.getByRole('button', { name: '装机容量（项目）' }).click()
  await firm.getByLabel('哪一个项目').fill('三号屋顶')
  await firm.getByLabel('装机容量', { exact: true }).fill('500000')
  await both(firm, 'projects-add')
  await firm.getByRole('button', { name: '保存', exact: true }).click()
  await firm.getByText('（三号屋顶）').first().waitFor()
  await firm.getByRole('button', { name: /装机容量（三号屋顶）/ }).click()
  await firm.getByRole('button', { name: '更正', exact: true }).click()
  await firm.getByLabel('装机容量', { exact: true }).fill('600000')
  await firm.getByRole('button', { name: '保存', exact: true }).click()
  await firm.getByRole('button', { name: /装机容量（三号屋顶）.*60/ }).waitFor()
  assert.equal(await firm.getByText('（三号屋顶）').count(), 1, 'a correction stays with its project')
})
