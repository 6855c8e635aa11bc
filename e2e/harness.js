// What every browser test needs: the real binary on a fresh demo county, Debian's Chromium, and a page that reports whatever goes wrong in it.
// Nothing here sleeps: everything waits for an event.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { rowsOf } from './workbook.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const binary = process.env.SHANGLIN ?? join(here, '..', 'bin', 'shanglin')
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Firms of the county that the tests look at. */
export const firms = 300

/** Desktop and phone, as the pictures show them. */
export const desktop = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

/** The password of every demo account. */
export const password = 'shanglin-demo-2026'

function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer()
    s.once('error', reject)
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => resolve(port))
    })
  })
}

/** Starts the binary on the demo county in a folder, made when there is none. Ends with stop(), which fails if the server did not end by itself. */
async function startServer(dir, ahead = 0, { flags = [], env = {} } = {}) {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const server = spawn(binary, ['serve', '--store', `sqlite:${dir}`, '--listen', `127.0.0.1:${port}`, '--demo', '--demo-firms', String(firms), '--demo-ahead', String(ahead), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const said = []
  const exit = new Promise((resolve) => server.once('exit', (code, signal) => resolve({ code, signal })))
  const listening = new Promise((resolve, reject) => {
    for (const out of [server.stdout, server.stderr]) {
      createInterface({ input: out }).on('line', (line) => {
        said.push(line)
        if (line.includes(`127.0.0.1:${port}`)) resolve()
      })
    }
    server.once('error', reject)
    void exit.then(({ code, signal }) => reject(new Error(`the server ended (${code ?? signal}):\n${said.join('\n')}`)))
  })
  await listening
  const ready = await fetch(`${origin}/readyz`)
  if (!ready.ok) throw new Error(`not ready: ${ready.status}\n${said.join('\n')}`)
  return {
    origin,
    said,
    async stop() {
      server.kill('SIGTERM')
      const { code } = await exit
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${said.slice(-20).join('\n')}`)
    },
  }
}

/** Starts Debian's Chromium with no network of its own. */
function startBrowser() {
  return chromium.launch({
    executablePath: browserPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * A page of its own session. Whatever it reports as wrong is collected in page.wrong: console errors, exceptions, failed requests and answers
 * of 400 and more, unless page.allow(status) said that such an answer is part of the test; nor requests that fail while page.lost says that the
 * test took the network away.
 */
async function newPage(browser, origin, viewport = desktop) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    permissions: ['clipboard-read', 'clipboard-write'],
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const allowed = new Set()
  page.wrong = []
  page.allow = (status) => allowed.add(status)
  page.on('pageerror', (e) => page.wrong.push(`exception: ${e.message}`))
  page.on('console', (m) => {
    // Chromium writes an answer of 400 and more to the console by itself; the response listener below judges those.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) page.wrong.push(`console: ${m.text()}`)
  })
  page.on('requestfailed', (r) => {
    // A page that goes on to another address gives up what it no longer needs.
    if (r.failure()?.errorText !== 'net::ERR_ABORTED' && !page.lost) page.wrong.push(`request: ${r.method()} ${r.url()} ${r.failure()?.errorText}`)
  })
  page.on('response', (r) => {
    if (r.status() < 400 || allowed.has(r.status())) return
    const at = page.wrong.push(`answer: ${r.status()} ${r.request().method()} ${r.url()}`) - 1
    void r.text().then((text) => (page.wrong[at] += ` ${text}`), () => {}) // gone with its page
  })
  return page
}

/**
 * Begins a file of tests: one county and one browser for all of them. What it returns makes a test, which is given a page of its own, open()
 * for more, and later(days), which starts the server again on the same data with its clock so many days ahead of today, and closes all pages.
 * Nothing may have gone wrong in any page when it is closed. prepare, when given, is waited for first and says with which more flags and
 * variables the server starts.
 */
export function county(prepare = async () => ({})) {
  let server, browser, dir, how
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shanglin-e2e-'))
    how = await prepare()
    ;[server, browser] = await Promise.all([startServer(dir, 0, how), startBrowser()])
  })
  after(async () => {
    await browser?.close()
    await server?.stop()
    await rm(dir, { recursive: true, force: true })
  })
  return (name, fn) =>
    test(name, async () => {
      const pages = []
      const open = async (viewport) => {
        pages.push(await newPage(browser, server.origin, viewport))
        return pages.at(-1)
      }
      let wrong = []
      const close = async () => {
        wrong = pages.flatMap((p) => p.wrong)
        for (const p of pages.splice(0)) await p.context().close()
      }
      const later = async (days) => {
        await close()
        assert.deepEqual(wrong, [])
        await server.stop()
        server = await startServer(dir, days, how)
      }
      try {
        await fn({ page: await open(), open, later })
      } catch (e) {
        await close()
        e.message += wrong.map((w) => `\n  ${w}`).join('')
        throw e
      }
      await close()
      assert.deepEqual(wrong, [])
    })
}

/** Signs a demo account in and waits for the page that it is led to. */
export async function signIn(page, tenant, login, word = password) {
  await page.goto(`/${tenant}/sign-in`)
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill(word)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  // A page that was signed in already shows the way out from the start.
  await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'))
  await page.getByRole('button', { name: '退出' }).waitFor()
}

/** Presses an action of a case or a round, fills in what it asks, confirms. */
export async function act(page, title, fill = async () => {}) {
  await page.getByRole('button', { name: title, exact: true }).click()
  await fill(page)
  await page.getByRole('button', { name: `确认${title}`, exact: true }).click()
  await page.getByRole('status').filter({ hasText: `已${title}` }).waitFor()
}

/** A call of the API as the page's own account makes it; it returns the status and what was answered. */
export function call(page, method, path, body) {
  return page.evaluate(
    async ([m, p, b]) => {
      const { csrf } = await (await fetch('/api/session')).json()
      const headers = { 'Content-Type': 'application/json', ...(m === 'GET' ? {} : { 'X-CSRF-Token': csrf }) }
      const r = await fetch(p, { method: m, headers, body: b === undefined ? undefined : JSON.stringify(b) })
      return { status: r.status, body: await r.json().catch(() => undefined) }
    },
    [method, path, body],
  )
}

/** Presses an export button and returns the file's name and its rows. */
export async function exported(page, button = page.getByRole('button', { name: '导出表格' })) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()])
  return { name: file.suggestedFilename(), rows: rowsOf(await readFile(await file.path())) }
}

/** Takes a picture into the folder that git ignores. A page wider than its window is an error: nothing may need sideways scrolling. */
export async function picture(page, name, { full = false } = {}) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (overflow > 0) throw new Error(`${name}: the page is ${overflow} px wider than its window`)
  const folder = join(here, 'pictures')
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: full, animations: 'disabled' })
}

/** Takes pictures at desktop and at phone width, and leaves the window as wide as it was. */
export async function both(page, name) {
  const before = page.viewportSize()
  for (const [size, viewport] of [['desktop', desktop], ['phone', phone]]) {
    await page.setViewportSize(viewport)
    await picture(page, `${name}-${size}`, { full: true })
  }
  await page.setViewportSize(before)
}
