// A passer-by asks the calculator why: the arithmetic of a condition and of the money, what would have to change, in Chinese and in English.
import assert from 'node:assert/strict'
import { county, phone, picture } from './harness.js'

const tenant = 'cixi'
const scheme = 'cx2025/C001'
const test = county()

const result = (p) => p.locator('article.result')
const section = (p, name) => result(p).locator('section').filter({ has: p.getByRole('heading', { name, exact: true }) })

/** Types a figure and waits for the answer that reckons with it. */
async function figure(p, label, text) {
  const answered = p.waitForResponse((r) => r.url().endsWith('/calculator') && r.request().postData()?.includes(text) === true)
  await p.getByLabel(label, { exact: true }).fill(text)
  await answered
}

/** The figures of the worked example X04 with 2025 as given: 10% is exactly 10,989万元. */
async function typed(p, year2025) {
  await p.goto(`/${tenant}/schemes/${scheme}`)
  await p.getByRole('link', { name: '用我的数字算一算' }).first().click()
  await p.getByRole('group', { name: '规上数字经济制造业名录' }).getByRole('radio', { name: '有', exact: true }).check()
  await figure(p, '2023年营业收入', '9000')
  await figure(p, '2024年营业收入', '9990')
  await figure(p, '2025年营业收入', year2025)
}

test('says how it comes to the answer and what would have to change, in both languages', async ({ page }) => {
  await typed(page, '10988.9999')
  const summary = result(page).locator('summary')
  await summary.getByText('不符合：2025年营业收入差1元，应达到10,989万元').waitFor()
  assert.equal(await result(page).getByRole('heading', { name: '条件', exact: true }).count(), 0, 'it is folded')
  await picture(page, 'explain-folded-desktop')

  await summary.click()
  // 10,989万元 less one yuan: (10,988.9999 − 9,990) ÷ 9,990 = 9.999999 %.
  await section(page, '条件').getByText('实际 (10,988.9999万元 − 9,990万元) ÷ 9,990万元 = 9.999999%').waitFor()
  await section(page, '条件').getByText('要求 不低于10%').waitFor()
  await section(page, '要改变什么').getByText('2025年营业收入差1元，应达到10,989万元').waitFor()
  await section(page, '要改变什么').getByText('2025年度已结束', { exact: false }).waitFor()
  await section(page, '所用的数据').getByText('在本页填写').first().waitFor()
  await picture(page, 'explain-desktop', { full: true })

  await page.getByRole('button', { name: 'English' }).click()
  await result(page).locator('summary').getByText('not met: operating revenue of 2025 is CNY 1 short of CNY 109.89 million').waitFor()
  await section(page, 'The conditions').getByText('actual: (CNY 109,889,999 − CNY 99.9 million) ÷ CNY 99.9 million = 9.999999%').waitFor()
  await section(page, 'What would have to change').getByText('operating revenue of 2025 is CNY 1 short of CNY 109.89 million').waitFor()
  await section(page, 'The figures used').getByText('source: typed here').first().waitFor()
  await picture(page, 'explain-english-desktop', { full: true })
})

test('shows the arithmetic of the money line by line, on a phone as well', async ({ page }) => {
  await page.setViewportSize(phone)
  await typed(page, '10989')
  const summary = result(page).locator('summary')
  await summary.getByText('符合：最高4,500元').waitFor()
  await summary.focus()
  await page.keyboard.press('Enter')
  // 10,989 − 9,990 = 999万元, nine full hundreds of 500元.
  await section(page, '金额怎样算').getByText('应得：最高4,500元').waitFor()
  await picture(page, 'explain-phone', { full: true })
})

test('says of a limit among applicants that only a round settles it', async ({ page }) => {
  await page.goto(`/${tenant}/schemes/reply-2022-18/优秀技能人才`)
  await page.getByRole('link', { name: '用我的数字算一算' }).first().click()
  await result(page).getByText('另受以下限制，须在批次中结算：每年度不超过30次', { exact: false }).waitFor()
  await page.setViewportSize(phone)
  await picture(page, 'explain-shared-phone', { full: true })
})
