// Somebody new makes an account, claims a firm with a PDF, an officer of the firm's town lets them in, they invite a colleague, and are sent
// away in the end: each counts at once.
import assert from 'node:assert/strict'
import { county, desktop, password, phone, picture, signIn } from './harness.js'

const tenant = 'cixi'
const test = county()

async function signUp(page, login, name) {
  await page.goto(`/${tenant}/sign-in`)
  await page.getByRole('link', { name: '还没有账号' }).click()
  await page.getByLabel('您的姓名').fill(name) // the page to sign in asks for an account too
  await page.getByLabel('账号', { exact: true }).fill(login)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByLabel('再输入一次密码').fill(password)
  await page.getByRole('button', { name: '注册', exact: true }).click()
  await page.getByRole('heading', { name: '认领企业', exact: true }).waitFor()
}

/** A picture at desktop and phone width. */
async function pictures(page, name) {
  await picture(page, `${name}-desktop`, { full: true })
  await page.setViewportSize(phone)
  await picture(page, `${name}-phone`, { full: true })
  await page.setViewportSize(desktop)
}

test('from signing up to the firm’s page, and out again', async ({ page: officer, open }) => {
  const [elsewhere, wang, li] = [await open(), await open(), await open()]
  await signIn(officer, tenant, 'zhouxiang')
  const firm = await officer.evaluate(async (t) => {
    const all = (await (await fetch(`/api/${t}/parties?per=50`)).json()).items
    const own = all.find((p) => p.name.includes('岚渡')).id
    return all.find((p) => p.code && p.id !== own)
  }, tenant)
  const pdf = await officer.pdf()

  // What somebody without an account is told of a firm: nothing.
  await signUp(wang, 'wangfang', '王芳')
  await wang.goto(`/${tenant}/firm`)
  await wang.getByText('这个账号没有绑定企业').waitFor()
  await wang.getByRole('link', { name: '认领企业' }).last().click()
  await wang.getByLabel('统一社会信用代码').fill(firm.code)
  await wang.getByText(`企业名称：${firm.name}`).waitFor()
  await wang.getByLabel('法定代表人', { exact: true }).check()
  await wang.getByLabel('情况说明').fill('本人是这家企业的法定代表人。')
  await wang.getByLabel('证明文件').setInputFiles([{ name: '营业执照.pdf', mimeType: 'application/pdf', buffer: pdf }])
  await pictures(wang, 'claim-form')
  await wang.getByRole('button', { name: '提交申请' }).click()
  await wang.getByText('正在等待审核').waitFor()
  await pictures(wang, 'claim-waiting')

  // An officer of another town sees nothing of it.
  await signIn(elsewhere, tenant, 'guanhaiwei')
  await elsewhere.goto(`/${tenant}/desk/claims`)
  await elsewhere.getByText('没有符合条件的结果').waitFor()

  await officer.goto(`/${tenant}/desk`)
  await officer.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '企业认领' }).click()
  await pictures(officer, 'claims')
  await officer.getByRole('link', { name: firm.name }).click()
  await officer.getByRole('heading', { name: '审核' }).waitFor()
  const [paper] = await Promise.all([officer.context().waitForEvent('page'), officer.getByRole('button', { name: '打开 营业执照.pdf' }).click()])
  await paper.waitForURL(/^blob:/)
  await paper.close()
  await pictures(officer, 'claim-desk')
  await officer.getByRole('button', { name: '通过', exact: true }).click()
  await officer.getByRole('button', { name: '确定通过' }).click()
  await officer.getByText('已通过：王芳现在可以代表这家企业。').waitFor()

  // The next request is let in; nobody has signed in anew.
  await wang.reload()
  await wang.getByText('审核已通过').waitFor()
  await wang.getByRole('link', { name: '进入企业' }).click()
  await wang.getByRole('heading', { name: firm.name }).waitFor()
  await wang.getByRole('link', { name: '人员', exact: true }).click()
  await wang.getByText('您是负责人').waitFor()

  await wang.getByLabel('邀请谁').fill('李雷')
  await wang.getByRole('button', { name: '生成邀请码' }).click()
  const code = await wang.locator('code').textContent()
  await pictures(wang, 'people')
  await signUp(li, 'lilei', '李雷')
  await li.getByLabel('邀请码').fill(code)
  await li.getByRole('button', { name: '使用邀请码' }).click()
  await li.getByRole('link', { name: '进入企业' }).click()
  await li.getByRole('heading', { name: firm.name }).waitFor()

  // Sent away, li is out at the next click and reads why; the principal, by an officer, as well.
  await wang.reload()
  const row = wang.getByRole('listitem').filter({ hasText: '李雷' })
  await row.getByRole('button', { name: '解除' }).click()
  await wang.getByLabel('理由').fill('已离职')
  await wang.getByRole('button', { name: '确定解除' }).click()
  await row.waitFor({ state: 'detached' })
  li.allow(404)
  await li.getByRole('link', { name: '人员', exact: true }).click()
  await li.getByRole('alert').waitFor()
  await li.reload()
  await li.getByText('这个账号没有绑定企业').waitFor()
  await li.goto(`/${tenant}/claim`)
  await li.getByText('理由：已离职').waitFor()

  await officer.getByRole('link', { name: '看企业人员' }).click()
  await officer.getByRole('listitem').filter({ hasText: '王芳' }).getByRole('button', { name: '解除' }).click()
  await officer.getByLabel('理由').fill('授权已到期')
  await pictures(officer, 'party-people')
  await officer.getByRole('button', { name: '确定解除' }).click()
  await officer.getByText('还没有人代表这家企业').waitFor()
  wang.allow(404)
  const status = await wang.evaluate(async ([t, id]) => (await fetch(`/api/${t}/parties/${id}`)).status, [tenant, firm.id])
  assert.equal(status, 404)
})

test('an administrator closes signing up, and says what a leader may do', async ({ page: admin, open }) => {
  const somebody = await open()
  await signIn(admin, tenant, 'admin')
  await admin.goto(`/${tenant}/desk/accounts`)
  await admin.getByRole('button', { name: '关闭注册' }).click()
  await admin.getByText('自行注册：已关闭').waitFor()
  await somebody.goto(`/${tenant}/sign-up`)
  await somebody.getByText('本站暂不开放自行注册').waitFor()
  await somebody.goto(`/${tenant}/sign-in`)
  await somebody.getByRole('button', { name: '登录', exact: true }).waitFor()
  await somebody.waitForLoadState('networkidle')
  assert.equal(await somebody.getByRole('link', { name: '还没有账号' }).count(), 0)
  await admin.getByRole('button', { name: '开放注册' }).click()
  await admin.getByText('自行注册：开放').waitFor()

  await admin.getByRole('link', { name: 'leader', exact: true }).click()
  await admin.getByText('决定经办人员审核过的事项').waitFor()
  await pictures(admin, 'account-leader')
  const leader = await open()
  await signIn(leader, tenant, 'leader')
  await leader.getByRole('heading', { name: '工作台' }).waitFor()
  assert.equal(await leader.getByRole('link', { name: '企业认领' }).count(), 0)
})
