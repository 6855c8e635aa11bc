// An officer imports a workbook with errors, sees each bad cell named and why, takes the good rows only, and finds them in the registry.
import assert from 'node:assert/strict'
import { county, exported, phone, picture, signIn } from './harness.js'
import { workbook } from './workbook.js'

const tenant = 'cixi'
const test = county()

// Codes of the invented range (91330282DEM…) that the demo county does not use; both check characters hold.
const good = [
  ['', '91330282DEMF0001', '慈溪市霁沅进口轴承有限公司', '横河镇', '轴承与机械基础件', '小型', '', '', ''],
  ['', '91330282DEMF0002', '慈溪市霁沅进口密封件有限公司', '周巷镇', '轴承与机械基础件', '微型', '', '', ''],
]

/** Appends both check characters, as GB 32100 and GB 11714 give them. */
function complete(first16) {
  const letters = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  const value = (c) => (c >= 'A' ? c.charCodeAt(0) - 55 : Number(c))
  const sum = [3, 7, 9, 10, 5, 8, 4, 2].reduce((s, w, i) => s + w * value(first16[8 + i]), 0)
  const check = 11 - (sum % 11)
  const first17 = first16 + (check === 10 ? 'X' : check === 11 ? '0' : String(check))
  const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
  const total = weights.reduce((s, w, i) => s + w * letters.indexOf(first17[i]), 0)
  return first17 + letters[(31 - (total % 31)) % 31]
}

const heading = ['序号', '统一社会信用代码*', '企业名称*', '所在镇街*', '行业', '规模', '联系人', '联系电话', '备注']

test('imports a workbook with errors: each bad cell named, good rows only', async ({ page }) => {
  const rows = good.map((r) => r.with(1, complete(r[1])))
  const wrongDigit = complete('91330282DEMF0003').slice(0, 17) + (complete('91330282DEMF0003').endsWith('1') ? '2' : '1')
  const file = workbook('企业名录', [
    heading,
    rows[0],
    ['', wrongDigit, '慈溪市校验不符有限公司', '横河镇', '', '', '', '', ''], // row 3: B3
    ['', complete('91330282DEMF0004'), '', '横河镇', '', '', '', '', ''], // row 4: C4
    rows[1],
    ['', complete('91330282DEMF0005'), '慈溪市重复代码一有限公司', '横河镇', '', '', '', '', ''], // rows 6 and 7: one code twice
    ['', complete('91330282DEMF0005'), '慈溪市重复代码二有限公司', '横河镇', '', '', '', '', ''],
  ])
  await signIn(page, tenant, 'officer')
  await page.goto(`/${tenant}/desk/imports`)
  await page.getByLabel('导入什么').selectOption('firms')
  const template = page.waitForEvent('download')
  await page.getByRole('button', { name: '下载模板' }).or(page.getByRole('link', { name: '下载模板' })).click()
  assert.match((await template).suggestedFilename(), /企业名录.*\.xlsx$/)

  await page.getByLabel('选择 Excel 文件').setInputFiles({
    name: '企业名录.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: file,
  })
  await page.getByRole('button', { name: '上传并检查' }).click()
  await page.getByText('还没有写入任何数据').waitFor()
  const bad = page.getByRole('table')
  await bad.getByText('B3', { exact: true }).waitFor()
  await bad.getByText('GB 32100').first().waitFor()
  await bad.getByText('C4', { exact: true }).waitFor()
  for (const row of ['第 6 行', '第 7 行']) await bad.getByText(row).first().waitFor()
  await picture(page, 'import-desktop', { full: true })

  // Nothing is written yet.
  const seen = (text) => page.evaluate(async ([t, q]) => (await (await fetch(`/api/${t}/parties?q=${encodeURIComponent(q)}`)).json()).total, [tenant, text])
  assert.equal(await seen(rows[1][1]), 0)

  const cells = await exported(page, page.getByRole('button', { name: '导出有误的格子' }))
  assert.equal(cells.name, '企业名录 有误的格子.xlsx')
  assert.deepEqual(cells.rows.slice(1, 3).map((r) => [r[1], r[2]]), [['B3', '统一社会信用代码'], ['C4', '企业名称']])

  await page.getByRole('button', { name: /只导入无误的/ }).click()
  await page.getByRole('button', { name: '确定导入' }).click()
  await page.getByText('新增或更新').waitFor()

  await page.getByRole('link', { name: '看主体名录' }).click()
  await page.getByLabel('名称或统一社会信用代码').fill('霁沅进口')
  await page.getByRole('button', { name: '查询' }).click()
  for (const r of rows) await page.getByRole('link', { name: r[2] }).waitFor()
  await picture(page, 'registry-desktop')
  assert.equal(await seen('校验不符'), 0)
})

test('the registry, a firm, and who a policy concerns, on a desk and on a phone', async ({ page }) => {
  await signIn(page, tenant, 'officer')
  await page.goto(`/${tenant}/desk/parties`)
  await page.getByLabel('名称或统一社会信用代码').fill('岚渡')
  await page.getByRole('button', { name: '查询' }).click()
  await page.getByRole('link', { name: '慈溪市岚渡智能电器有限公司' }).click()
  await page.getByRole('heading', { name: '慈溪市岚渡智能电器有限公司' }).waitFor()
  await page.getByRole('link', { name: '软件首版次产品奖励' }).first().waitFor()
  await picture(page, 'party-desktop', { full: true })

  await page.goto(`/${tenant}/desk/affected/cx2025/C001`)
  await page.getByRole('table').getByRole('link').first().waitFor()
  await picture(page, 'affected-desktop')

  await page.setViewportSize(phone)
  for (const [path, name] of [['desk', 'desk'], ['desk/parties', 'registry'], ['desk/affected/cx2025/C001', 'affected'], ['desk/imports', 'imports']]) {
    await page.goto(`/${tenant}/${path}`)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.waitForLoadState('networkidle')
    await picture(page, `${name}-phone`, { full: true })
  }
})

test('every list of the desk is exported as it is shown', async ({ page, open }) => {
  await signIn(page, tenant, 'officer')
  const first = (rows) => rows.slice(1).map((r) => r[0])
  const go = async (path, shown) => {
    await page.goto(`/${tenant}/desk/${path}`)
    await shown().first().waitFor()
  }
  const table = () => page.getByRole('table').getByRole('link')

  await go(`parties?town=${encodeURIComponent('周巷镇')}`, table)
  const parties = await exported(page)
  const shown = Number((await page.getByText(/^共 \d+ 条$/).innerText()).replace(/\D/g, ''))
  assert.equal(parties.name, '主体名录.xlsx')
  assert.equal(parties.rows.length - 1, shown)
  assert.ok(parties.rows.slice(1).every((r) => r[3] === '周巷镇'), 'only what the filter shows')

  await go('affected', () => page.getByRole('heading', { level: 2 }))
  const policies = await exported(page)
  assert.ok(policies.rows.slice(1).some((r) => r[0] === '规上数字经济制造业企业增长奖励') && policies.rows.slice(1).every((r) => r[4] === '现行有效'))

  await go('affected/cx2025/C001?answer=met', table)
  const met = await exported(page)
  assert.ok(met.rows.length > 2 && met.rows.slice(2).every((r) => r[5] === '符合'))

  await go('disputes', () => page.getByRole('button', { name: '处理' }))
  const waiting = await exported(page)
  await page.getByLabel('状态').selectOption({ label: '已更正' })
  await page.getByText('没有符合条件的结果').waitFor()
  assert.equal(await page.getByRole('button', { name: '导出表格' }).count(), 0, 'nothing to export')
  assert.ok(waiting.rows.length > 1 && first(waiting.rows).every((state) => state === '待处理'))
  await page.getByRole('button', { name: '清除条件' }).first().click()
  await page.getByRole('button', { name: '处理' }).first().waitFor()
  await picture(page, 'disputes-desktop')

  await go('coverage', () => page.getByRole('table'))
  const coverage = await exported(page)
  assert.deepEqual(coverage.rows[0], ['记录', '声明部门', '截至', '范围', '依据', '声明时间', '声明人'])
  assert.ok(coverage.rows.some((r) => r[2] === '没有声明') && coverage.rows.some((r) => r[3] === '仅演示用的虚构企业'))
  await picture(page, 'coverage-desktop')

  await go(`parties?q=${encodeURIComponent('岚渡')}`, table)
  await page.getByRole('link', { name: '慈溪市岚渡智能电器有限公司' }).click()
  await page.getByRole('link', { name: '软件首版次产品奖励' }).first().waitFor()
  const answers = await exported(page)
  assert.equal(answers.name, '慈溪市岚渡智能电器有限公司政策结论.xlsx')
  assert.ok(answers.rows.some((r) => r[0] === '软件首版次产品奖励'))
  await page.getByRole('link', { name: '数据', exact: true }).click()
  await page.getByPlaceholder('按名称查找').waitFor()
  const facts = await exported(page)
  assert.equal(facts.name, '慈溪市岚渡智能电器有限公司数据.xlsx')
  assert.ok(facts.rows.some((r) => r[0] === '营业收入' && r[2] === '10,999万元'))
  await page.getByPlaceholder('按名称查找').fill('研发')
  const found = await exported(page)
  assert.ok(found.rows.length > 2 && found.rows.slice(2).every((r) => r[0].includes('研发')), 'only what is searched for')

  await go('imports', () => page.getByRole('heading', { name: '以往的导入' }))
  await picture(page, 'imports-desktop', { full: true })

  const admin = await open()
  await signIn(admin, tenant, 'admin')
  await admin.goto(`/${tenant}/desk/accounts?role=officer`)
  await admin.getByRole('table').getByRole('link').first().waitFor()
  const accounts = await exported(admin)
  assert.deepEqual(first(accounts.rows), ['caizheng', 'fagai', 'guanhaiwei', 'huanjing', 'jingxin', 'officer', 'shichang', 'shuiwu', 'yingji', 'zhouxiang'])
  await picture(admin, 'accounts-desktop')

  await page.setViewportSize(phone)
  for (const [path, name] of [['disputes', 'disputes'], ['coverage', 'coverage'], ['affected', 'affected-schemes']]) {
    await page.goto(`/${tenant}/desk/${path}`)
    await page.getByRole('button', { name: '导出表格' }).waitFor()
    await picture(page, `${name}-phone`, { full: true })
  }
  await admin.setViewportSize(phone)
  await admin.goto(`/${tenant}/desk/accounts`)
  await admin.getByRole('button', { name: '导出表格' }).waitFor()
  await picture(admin, 'accounts-phone', { full: true })
})

test('an officer of one town sees that town only', async ({ page }) => {
  await signIn(page, tenant, 'zhouxiang')
  const towns = await page.evaluate(async (t) => {
    const list = await (await fetch(`/api/${t}/parties?per=100`)).json()
    return [...new Set(list.items.map((p) => p.town))]
  }, tenant)
  assert.deepEqual(towns, ['周巷镇'])
  await page.goto(`/${tenant}/desk/parties`)
  await page.getByRole('table').getByRole('link').first().waitFor()
})
