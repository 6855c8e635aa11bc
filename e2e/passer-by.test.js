// A passer-by, without an account: finds a policy by two characters, reads it, tries figures, and hands them on as a link.
import assert from 'node:assert/strict'
import { county, desktop, phone, picture } from './harness.js'

const tenant = 'cixi'
const scheme = 'cx2025/C001'
const title = '规上数字经济制造业企业增长奖励'
const test = county()

/** The card of the scheme among the calculator's results. */
const card = (p) => p.locator('article').filter({ has: p.getByRole('link', { name: title }) })

/** Types a figure and waits for the answer that reckons with it. */
async function figure(p, label, text) {
  const answered = p.waitForResponse((r) => r.url().endsWith('/calculator') && r.request().postData()?.includes(text) === true)
  await p.getByLabel(label, { exact: true }).fill(text)
  await answered
}

async function openCalculator(p) {
  await p.goto(`/${tenant}/schemes/${scheme}`)
  await p.getByRole('link', { name: '用我的数字算一算' }).first().click()
  await p.getByRole('heading', { name: '算一算', level: 1 }).waitFor()
}

/** The figures of the worked example X04: increase 999万元 on 9990万元, which is exactly 10 %. */
async function typeExample(p) {
  await p.getByRole('group', { name: '规上数字经济制造业名录' }).getByRole('radio', { name: '有', exact: true }).check()
  await figure(p, '2023年营业收入', '9000')
  await figure(p, '2024年营业收入', '9990')
  await figure(p, '2025年营业收入', '10989')
}

test('finds policy by a word of two characters', async ({ page }) => {
  await page.goto('/')
  await page.waitForURL((u) => u.pathname.replace(/\/$/, '') === `/${tenant}`)
  await picture(page, 'home-desktop', { full: true })
  await page.getByRole('searchbox').fill('数商')
  await page.getByRole('button', { name: '查找' }).click()
  await page.waitForURL('**/schemes?*')
  await page.getByRole('link', { name: '省级数商奖励' }).first().waitFor()
  assert.equal(await page.getByRole('link', { name: title }).count(), 0, 'a policy without the word is not found')
  await picture(page, 'schemes-desktop')
})

test('reads a policy: what it gives, on what conditions, with citation and assumption', async ({ page }) => {
  await page.goto(`/${tenant}/schemes/${scheme}`)
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
  for (const text of ['慈政办发〔2025〕20号', '一(一)1', '市经信局']) await page.getByText(text).first().waitFor()
  await page.getByText('最高', { exact: false }).first().waitFor()
  await picture(page, 'scheme-desktop', { full: true })
})

test('sees the amount, then the gap just below the threshold, and hands the figures on as a link', async ({ page, open }) => {
  await openCalculator(page)
  await typeExample(page)
  await card(page).getByText(/最高4,500元/).first().waitFor()
  await page.evaluate(() => scrollTo(0, 0))
  await picture(page, 'calculator-desktop')

  // 0.0001万元 less is one yuan below 10 %: 9.99…%.
  await figure(page, '2025年营业收入', '10988.9999')
  await card(page).getByText('不符合', { exact: true }).waitFor()
  await card(page).getByText('1元').first().waitFor()
  assert.equal(await card(page).getByText(/最高4,500元/).count(), 0)
  await picture(page, 'calculator-gap-desktop')

  await page.getByRole('button', { name: '复制带数字的链接' }).click()
  await page.getByText('已复制').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  assert.ok(!link.split('#')[0].includes('10988'), 'the figures are behind #, where the server never sees them')

  const other = await open()
  await other.goto(link)
  await card(other).getByText('不符合', { exact: true }).waitFor()
  assert.equal(await other.getByLabel('2025年营业收入', { exact: true }).inputValue(), '10988.9999')
  assert.equal(await other.getByLabel('2024年营业收入', { exact: true }).inputValue(), '9990')
})

test('works on a phone and by keyboard', async ({ page }) => {
  await page.setViewportSize(phone)
  for (const [path, name] of [['', 'home'], ['/schemes', 'schemes'], [`/schemes/${scheme}`, 'scheme']]) {
    await page.goto(`/${tenant}${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    await picture(page, `${name}-phone`, { full: true })
  }
  await openCalculator(page)
  await typeExample(page)
  await card(page).getByText(/最高4,500元/).first().waitFor()
  await picture(page, 'calculator-phone', { full: true })

  await page.setViewportSize(desktop)
  await page.goto(`/${tenant}`)
  await page.getByRole('searchbox').waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), '跳到正文')
})

test('a page that is not there says so, and so does a tenant', async ({ page }) => {
  await page.goto(`/${tenant}/nowhere`)
  await page.getByText('没有这个页面').first().waitFor()
  page.allow(404)
  await page.goto('/atlantis')
  await page.getByText('没有').first().waitFor()
})
