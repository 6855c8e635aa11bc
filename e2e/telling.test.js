// Somebody gives a telephone number, confirms it with the code that the county's SMS service was asked to bring, and is told there what happens next.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { after } from 'node:test'
import { county, desktop, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const secret = 'a secret of the browser test'

// The service: it checks the signature, keeps what it is given, and tells whoever waits.
const got = []
let arrived = () => {}
const service = createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    const [, at, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers['shanglin-signature'] ?? '') ?? []
    const right = sum === createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
    response.writeHead(right ? 204 : 401).end()
    if (right) arrived(got.push(JSON.parse(body)))
  })
})

/** The next message, if none waits. */
async function message() {
  while (!got.length) await new Promise((resolve) => (arrived = resolve))
  return got.shift()
}

const test = county(async () => {
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve))
  return {
    flags: ['--hook', `http://127.0.0.1:${service.address().port}/sms`, '--public-url', 'https://shanglin.example.gov.cn'],
    env: { SHANGLIN_HOOK_SECRET: secret },
  }
})
after(() => service.close())

test('a confirmed telephone is told what happens, once', async ({ page, open }) => {
  await signIn(page, tenant, 'officer')
  await page.goto(`/${tenant}/notifications`)
  await page.getByRole('link', { name: '提醒方式' }).click()
  await page.getByRole('heading', { name: '手机' }).waitFor()
  await picture(page, 'reach-none-desktop', { full: true })
  await page.getByRole('textbox', { name: '手机' }).fill('13912345678')
  // Whatever the hour at which this runs.
  await page.getByLabel('从几点起不打扰').fill('00:00')
  await page.getByLabel('到几点为止不打扰').fill('00:00')
  await page.getByRole('button', { name: '保存并发验证码' }).click()
  await page.getByText('等待确认').waitFor()
  const first = await message()
  assert.equal(first.to, '13912345678')
  const code = /\d{6}/.exec(first.title)[0]
  page.allow(422)
  await page.getByLabel('验证码').fill(code === '000000' ? '000001' : '000000')
  await page.getByRole('button', { name: '确认', exact: true }).click()
  await page.getByText('还可以试4次').waitFor()
  await page.setViewportSize(phone)
  await picture(page, 'reach-wrong-code-phone', { full: true })
  await page.setViewportSize(desktop)
  // Another code; the one before is good no more.
  await page.getByRole('button', { name: '重发验证码' }).click()
  await page.getByText('验证码已发出').waitFor()
  const second = /\d{6}/.exec((await message()).title)[0]
  await page.getByLabel('验证码').fill(second)
  await page.getByRole('button', { name: '确认', exact: true }).click()
  await page.getByText('已确认', { exact: true }).waitFor()
  await page.getByText('139****5678').waitFor()
  assert.equal(await page.getByText('13912345678').count(), 0, 'masked')
  await picture(page, 'reach-confirmed-desktop', { full: true })

  // Somebody new claims a firm: the officer is told.
  const wang = await open()
  const firm = await page.evaluate(async (t) => {
    const all = (await (await fetch(`/api/${t}/parties?per=50`)).json()).items
    return all.find((p) => p.code && !p.name.includes('岚渡'))
  }, tenant)
  const pdf = await page.pdf()
  await wang.goto(`/${tenant}/sign-in`)
  await wang.getByRole('link', { name: '还没有账号' }).click()
  await wang.getByLabel('您的姓名').fill('王芳') // the page to sign in asks for an account too
  await wang.getByLabel('账号', { exact: true }).fill('wangfang')
  for (const label of ['密码', '再输入一次密码']) await wang.getByLabel(label, { exact: true }).fill('shanglin-demo-2026')
  await wang.getByRole('button', { name: '注册', exact: true }).click()
  await wang.getByLabel('统一社会信用代码').fill(firm.code)
  await wang.getByText(`企业名称：${firm.name}`).waitFor()
  await wang.getByLabel('法定代表人', { exact: true }).check()
  await wang.getByLabel('情况说明').fill('本人是这家企业的法定代表人。')
  await wang.getByLabel('证明文件').setInputFiles([{ name: '营业执照.pdf', mimeType: 'application/pdf', buffer: pdf }])
  await wang.getByRole('button', { name: '提交申请' }).click()
  await wang.getByText('正在等待审核').waitFor()

  const told = await message()
  assert.equal(told.to, '13912345678')
  assert.match(told.title, new RegExp(firm.name))
  assert.match(told.link, new RegExp(`^https://shanglin\\.example\\.gov\\.cn/${tenant}/desk/claims/`))
  await page.goto(`/${tenant}/notifications`)
  await page.getByText(/手机：.*已发/).first().waitFor()
  await picture(page, 'notes-sent-desktop')
  await page.setViewportSize(phone)
  await picture(page, 'notes-sent-phone')
  assert.deepEqual(got, [], 'nobody is told twice')
})
