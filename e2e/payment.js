// Money on the pages of finance: an account that a second person confirms, a batch that one prepares and another approves, the bank's workbook out
// and its answer back.
import assert from 'node:assert/strict'
import { call, exported, picture } from './harness.js'
import { workbook } from './workbook.js'

/** Takes a step that is asked once more, with words where it needs them. */
export async function step(page, label, words) {
  await page.getByRole('button', { name: label, exact: true }).click()
  const form = page.locator('form.step')
  if (words) await form.locator('textarea').fill(words)
  await form.getByRole('button', { name: label, exact: true }).click()
  await form.waitFor({ state: 'detached' })
}

/** The firm states where it is paid. */
export async function registerAccount(firm, tenant, account) {
  firm.allow(404) // none is there yet
  await firm.goto(`/${tenant}/firm/bank-account`)
  await firm.getByText('还没有登记收款账户').waitFor()
  await firm.getByLabel('户名').fill(account.holder)
  await firm.getByLabel('开户银行').fill(account.bank)
  await firm.getByLabel('账号').fill(account.number)
  await firm.getByRole('button', { name: '保存账户' }).click()
  await firm.getByText('等待财政部门核对').first().waitFor()
}

/** Somebody of finance who did not bring the account in confirms it. */
export async function confirmAccount(page, tenant, evidence) {
  await page.goto(`/${tenant}/desk/bank-accounts?state=held`)
  await step(page, '确认', evidence)
  await page.getByRole('status').filter({ hasText: '已确认' }).waitFor()
}

/** Finance makes a budget for a round. */
export async function budgeted(page, tenant, round, source, yuan) {
  await page.goto(`/${tenant}/desk/rounds/${round}`)
  await page.getByRole('link', { name: '安排预算' }).click()
  await page.getByLabel('资金来源').fill(source)
  await page.getByLabel('金额（元）').fill(yuan)
  await page.getByRole('button', { name: '安排', exact: true }).click()
  await page.getByRole('heading', { name: source }).waitFor()
}

/**
 * One of finance prepares a batch of what a round has to pay, another approves it, the first sends it and takes the bank's workbook; one is left on
 * the batch's page. It returns the workbook's rows.
 */
export async function ordered(one, two, tenant, round, document, { pictures = '' } = {}) {
  await one.goto(`/${tenant}/desk/rounds/${round}`)
  await one.getByRole('link', { name: '编制付款批次' }).click()
  await one.getByText('编入1笔').waitFor()
  if (document) {
    await one.getByLabel('资金下达文件的文号').fill(document)
    await one.getByLabel('文件日期').fill(await today(one, tenant))
  }
  if (pictures) await picture(one, `${pictures}-prepare-desktop`, { full: true })
  await one.getByRole('button', { name: '编制', exact: true }).click()
  await one.getByRole('heading', { name: '待核准' }).waitFor()
  await one.getByText('须由编制人').waitFor() // who prepared it may not approve it
  assert.equal(await one.getByRole('button', { name: '核准', exact: true }).count(), 0)
  await two.goto(new URL(one.url()).pathname)
  await step(two, '核准')
  await two.getByRole('heading', { name: '已核准' }).waitFor()
  await one.reload()
  await step(one, '送银行')
  await one.getByRole('heading', { name: '已送银行' }).waitFor()
  return (await exported(one, one.getByRole('button', { name: '下载银行付款文件' }))).rows
}

/** The bank's answer comes back in the workbook that went out: the last four columns of its only payment. It is read, looked at and booked. */
export async function answered(page, [heading, payment], says, { pictures = '' } = {}) {
  const file = { name: '回执.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook('付款', [heading, [...payment.slice(0, 6), ...says]]) }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText('1 行无误').waitFor()
  await page.getByText('还没有入账').waitFor()
  if (pictures) await picture(page, `${pictures}-result-desktop`, { full: true })
  await step(page, '全部入账（1 行）')
  await page.getByRole('heading', { name: '已入账' }).waitFor()
}

/** The day on which the server lives. */
export async function today(page, tenant) {
  return (await call(page, 'GET', `/api/${tenant}/about`)).body.today
}
