// A policy is published with four eyes: one administrator uploads a file with an error and sees where it is, uploads a mended one and sees what
// it changes; another approves; the portal shows the new text.
import assert from 'node:assert/strict'
import { county, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const path = 'cixi/cx2025.yaml'
const title = '省级数商奖励'
const test = county()

/** The text of a published file. */
const textOf = (p) => p.evaluate(async ([t, f]) => (await (await fetch(`/api/${t}/publications/file?path=${encodeURIComponent(f)}`)).json()).text, [tenant, path])

/** The file with one text in place of another; it must be there. */
function change(text, old, now) {
  assert.ok(text.includes(old), `the file does not say ${old}`)
  return text.replaceAll(old, now)
}

const upload = (p, text) => p.getByLabel('选择政策文件').setInputFiles({ name: 'cx2025.yaml', mimeType: 'application/yaml', buffer: Buffer.from(text) })

test('an administrator proposes, another approves, and the portal shows it', async ({ page, open }) => {
  await signIn(page, tenant, 'admin')
  await page.goto(`/${tenant}/desk/policies`)
  await page.getByRole('link', { name: '2025年慈溪市推进产业高质量发展的政策意见' }).waitFor()
  await picture(page, 'policies-desktop', { full: true })
  const text = await textOf(page)

  // 最高20万元 becomes 最高25万元, but a term is misspelt.
  await page.getByRole('link', { name: '提出新的发布' }).click()
  const better = change(text, 'up to 20万元', 'up to 25万元')
  const wrong = change(better, '- {has: 规上软件和信息技术服务业名录@有效', '- {has: 规上软件和信息技术服务业名陆@有效')
  const line = wrong.split('\n').findIndex((l) => l.includes('名陆')) + 1
  await upload(page, wrong)
  await page.getByRole('button', { name: '检查', exact: true }).click()
  await page.getByRole('heading', { name: /处错误/ }).waitFor()
  const place = page.getByRole('button', { name: new RegExp(`^第 ${line} 行第 \\d+ 列$`) })
  await place.waitFor()
  await page.getByText('是否应为“规上软件和信息技术服务业名录”').waitFor()
  await page.locator('mark', { hasText: '名陆' }).waitFor()
  assert.equal(await page.getByRole('button', { name: /提交，等另一名/ }).count(), 0)
  await picture(page, 'policy-error-desktop', { full: true })
  // The place leads to the line.
  await place.click()
  const area = page.getByLabel(`${path} 的内容`)
  assert.match(await area.evaluate((el) => el.value.slice(el.selectionStart, el.selectionEnd)), /名陆/)
  await picture(page, 'policy-editor-desktop')

  // The mended file takes its place; what it changes is read back.
  await upload(page, better)
  await page.getByRole('button', { name: '检查', exact: true }).click()
  const scheme = page.getByRole('article').filter({ hasText: 'cx2025/C004' })
  await scheme.locator('del', { hasText: '最高20万元' }).first().waitFor()
  await scheme.locator('ins', { hasText: '最高25万元' }).first().waitFor()
  await scheme.getByText(/没有变的：.*条件/).waitFor()
  const changes = page.getByRole('region', { name: '改了什么' })
  await changes.locator('li', { hasText: '更多 金额由最高20万元改为最高25万元' }).waitFor()
  assert.equal(await changes.locator('li').count(), 1)
  await page.locator('summary', { hasText: '逐行对照' }).click()
  await picture(page, 'policy-difference-desktop', { full: true })
  await page.getByLabel('说明').fill('提高省级数商奖励')
  await page.getByRole('button', { name: /提交，等另一名/ }).click()
  await page.getByText('自己提出的草案须由另一名管理员核准').waitFor()
  assert.equal(await page.getByRole('button', { name: '核准并发布' }).count(), 0)
  await picture(page, 'policy-draft-desktop', { full: true })
  const draft = page.url()

  const reader = await open()
  await reader.goto(`/${tenant}/schemes/cx2025/C004`)
  const gives = reader.locator('section').filter({ has: reader.getByRole('heading', { name: '给什么' }) })
  await gives.getByText('最高20万元').waitFor()

  const second = await open()
  await signIn(second, tenant, 'approver')
  await second.goto(`/${tenant}/desk/policies`)
  await second.getByRole('link', { name: '提高省级数商奖励' }).click()
  await second.locator('ins', { hasText: '最高25万元' }).first().waitFor()
  await picture(second, 'policy-approve-desktop', { full: true })
  await second.getByRole('button', { name: '核准并发布' }).click()
  await second.getByRole('button', { name: '确定核准' }).click()
  await second.getByText('已经发布').waitFor()
  await picture(second, 'policy-published-desktop')

  await reader.reload()
  await gives.getByText('最高25万元').waitFor()
  assert.equal(await gives.getByText('最高20万元').count(), 0)

  await page.goto(draft)
  await page.getByRole('heading', { name: '已发布' }).waitFor()
  await page.goto(`/${tenant}/desk/policies/file?path=${path}`)
  await page.getByRole('cell', { name: '演示管理员提出，演示管理员（复核）核准' }).waitFor()
  await page.getByText('up to 25万元').first().waitFor()
  await picture(page, 'policy-file-desktop', { full: true })
  await page.goto(`/${tenant}/desk/policies/editions`)
  await page.getByRole('cell', { name: '提高省级数商奖励' }).waitFor()
  await picture(page, 'policy-editions-desktop')
})

test('a draft made before another publication is refused, checked anew, and returned', async ({ page, open }) => {
  const second = await open()
  await signIn(page, tenant, 'admin')
  await signIn(second, tenant, 'approver')
  const propose = async (p, note, edit) => {
    await p.goto(`/${tenant}/desk/policies/propose?edit=${encodeURIComponent(path)}`)
    const area = p.getByLabel(`${path} 的内容`)
    await area.fill(edit(await area.inputValue()))
    await p.getByRole('button', { name: '检查', exact: true }).click()
    await p.getByLabel('说明').fill(note)
    await p.getByRole('button', { name: /提交，等另一名/ }).click()
    await p.getByRole('heading', { name: note }).waitFor()
    return p.url()
  }
  const mine = await propose(page, '改名', (t) => change(t, `title: ${title}`, `title: ${title}（改）`))
  const theirs = await propose(second, '改出处', (t) => change(t, 'cite: 一(一)2(3)', 'cite: 一(一)2(4)'))
  await page.goto(theirs)
  await page.getByRole('button', { name: '核准并发布' }).click()
  await page.getByRole('button', { name: '确定核准' }).click()
  await page.getByText('已经发布').waitFor()

  // The other has the draft open since before: the server refuses, and the page says what to do.
  await second.goto(mine)
  await second.getByText('请提出人重新核对后再核准').waitFor()
  await page.goto(mine)
  await page.getByRole('button', { name: '重新核对' }).click()
  await page.getByText('已与现行文件重新核对').waitFor()
  // Checked anew it shows that it would undo what was published meanwhile.
  await page.getByRole('article').locator('ins', { hasText: '一(一)2(3)' }).waitFor()
  await second.reload()
  await second.getByRole('button', { name: '退回' }).click()
  await second.getByLabel('退回的理由').fill('会把刚发布的出处改回去')
  await second.getByRole('button', { name: '确定退回' }).click()
  await second.getByRole('heading', { name: '已退回' }).waitFor()
  await page.reload()
  await page.getByText('会把刚发布的出处改回去').waitFor()
})

test('a figure of the whole place is stated once, on a page of its own', async ({ page, open }) => {
  const second = await open()
  await signIn(page, tenant, 'admin')
  await signIn(second, tenant, 'approver')
  const vocabulary = 'cixi/vocabulary.yaml'
  await page.goto(`/${tenant}/desk/policies/propose?edit=${encodeURIComponent(vocabulary)}`)
  const area = page.getByLabel(`${vocabulary} 的内容`)
  await area.fill(change(await area.inputValue(), '\nterms:\n', "\nterms:\n  全市规上工业增速: {english: growth of the city's industry, of: 地区, unit: '%', every: 年, from: 市统计局, help: 统计公报的数。}\n"))
  await page.getByRole('button', { name: '检查', exact: true }).click()
  await page.getByLabel('说明').fill('增加全市增速')
  await page.getByRole('button', { name: /提交，等另一名/ }).click()
  await page.getByRole('heading', { name: '增加全市增速' }).waitFor()
  await second.goto(page.url())
  await second.getByRole('button', { name: '核准并发布' }).click()
  await second.getByRole('button', { name: '确定核准' }).click()
  await second.getByText('已经发布').waitFor()

  const desk = await open()
  await signIn(desk, tenant, 'officer')
  await desk.goto(`/${tenant}/desk/region`)
  await desk.getByText('全市规上工业增速（市统计局）').waitFor()
  await picture(desk, 'region-empty-desktop')
  const state = async (value, evidence) => {
    await desk.getByLabel('全市规上工业增速').fill(value)
    await desk.getByLabel('依据').fill(evidence)
    await picture(desk, `region-form-${value.length}-desktop`, { full: true })
    await desk.getByRole('button', { name: '保存' }).click()
    await desk.getByText('各家企业的结论会自动重新计算').waitFor()
  }
  await desk.getByRole('button', { name: '添加数据' }).click()
  await desk.getByRole('button', { name: '全市规上工业增速', exact: true }).click()
  await picture(desk, 'region-add-desktop', { full: true })
  await desk.getByLabel('年度').fill('2025')
  await state('8', '2025年统计公报（演示）')
  await desk.getByRole('button', { name: /8%/ }).click()
  await desk.getByText('2025年统计公报（演示）').waitFor()
  await picture(desk, 'region-desktop', { full: true })
  await desk.setViewportSize(phone)
  await picture(desk, 'region-phone', { full: true })
  // An officer of one town reads it and states nothing.
  const town = await open()
  await signIn(town, tenant, 'zhouxiang')
  await town.goto(`/${tenant}/desk/region`)
  await town.getByRole('button', { name: /8%/ }).waitFor()
  assert.equal(await town.getByRole('button', { name: '添加数据' }).count(), 0)
})

test('an officer reads policy files and proposes nothing; pages fit a phone', async ({ page, open }) => {
  await signIn(page, tenant, 'officer')
  await page.goto(`/${tenant}/desk/policies`)
  await page.getByRole('link', { name: '2025年慈溪市推进产业高质量发展的政策意见' }).waitFor()
  assert.equal(await page.getByRole('link', { name: '提出新的发布' }).count(), 0)
  const zip = page.waitForEvent('download')
  await page.getByRole('button', { name: '下载全部文件' }).click()
  assert.equal((await zip).suggestedFilename(), '政策文件.zip')
  await page.goto(`/${tenant}/desk/policies/propose`)
  await page.getByText('只有管理员可以提出').waitFor()

  const small = await open(phone)
  await signIn(small, tenant, 'admin')
  const drafts = await small.evaluate(async (t) => (await (await fetch(`/api/${t}/publications/proposals`)).json()).items.map((d) => d.id), tenant)
  for (const [at, name] of [['desk/policies', 'policies'], [`desk/policies/file?path=${path}`, 'policy-file'], ['desk/policies/editions', 'policy-editions'],
    ['desk/policies/proposals', 'policy-drafts'], [`desk/policies/proposals/${drafts.at(-1)}`, 'policy-draft'], [`desk/policies/propose?edit=${path}`, 'policy-propose']]) {
    await small.goto(`/${tenant}/${at}`)
    await small.getByRole('heading', { level: 1 }).first().waitFor()
    await small.waitForLoadState('networkidle')
    await picture(small, `${name}-phone`, { full: true })
  }
})
