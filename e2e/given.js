// What a county is given before a test walks it: policy files that two administrators publish, and accounts that have chosen their own passwords.
import assert from 'node:assert/strict'
import { call, password, phone, signIn } from './harness.js'

/** A page with nothing on it, for what has to be attached. */
export const pdf = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n150\n%%EOF\n'

/** Sends a form as the page's own account does. */
export const send = (page, path, fields, file) =>
  page.evaluate(
    async ([p, f, [field, name, text]]) => {
      const { csrf } = await (await fetch('/api/session')).json()
      const form = new FormData()
      for (const [k, v] of Object.entries(f)) form.set(k, v)
      form.set(field, new File([text], name))
      const r = await fetch(p, { method: 'POST', headers: { 'X-CSRF-Token': csrf }, body: form })
      return { status: r.status, body: await r.json() }
    },
    [path, fields, file],
  )

/** The answer of a call that went well. */
export const ok = (r) => {
  assert.ok(r.status < 300, JSON.stringify(r.body))
  return r.body
}

/** The second administrator's page, one in a test. */
const approvers = new WeakMap()
async function approving(open, tenant) {
  if (!approvers.has(open)) approvers.set(open, await signedIn(open, tenant, 'approver', phone))
  return approvers.get(open)
}

/** The second administrator approves what waits for an account. */
export async function approved(open, tenant, login) {
  const page = await approving(open, tenant)
  const { items } = ok(await call(page, 'GET', `/api/${tenant}/authorizations?state=waiting&per=200`))
  const of = items.find((a) => a.account.login === login)
  assert.ok(of, `nothing of ${login} waits`)
  ok(await call(page, 'POST', `/api/${tenant}/authorizations/${of.id}/approve`))
}

/** An account of the administrator's making, with the roles that the second one approves, that has chosen its own password. */
export async function account(admin, open, tenant, login, name, grants) {
  const made = ok(await call(admin, 'POST', `/api/${tenant}/accounts`, { login, name, grants, reason: '演示用' }))
  if (made.account.waiting) await approved(open, tenant, login)
  const own = await open(phone)
  await signIn(own, tenant, login, made.password)
  ok(await call(own, 'PUT', '/api/session/password', { current: made.password, password }))
  await own.context().close()
}

/** A page of whoever signed in. */
export async function signedIn(open, tenant, login, viewport) {
  const page = await open(viewport)
  await signIn(page, tenant, login)
  return page
}

/** A policy file that one administrator proposes and the other approves. */
export async function published(admin, open, tenant, path, note, text) {
  ok(await send(admin, `/api/${tenant}/publications/proposals`, { path, note }, ['file', path.split('/').at(-1), text]))
  const approver = await signedIn(open, tenant, 'approver')
  await approver.goto(`/${tenant}/desk/policies`)
  await approver.getByRole('link', { name: note }).click()
  await approver.getByRole('button', { name: '核准并发布' }).click()
  await approver.getByRole('button', { name: '确定核准' }).click()
  await approver.getByText('已经发布').waitFor()
  return approver
}
