// What every browser test needs: the real binary on a fresh demo county, Debian's Chromium, and a page that reports whatever goes wrong in it.
// Nothing here sleeps: everything waits for an event.
import { spawn } from 'node:child_process'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

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

/** Starts the binary on a new demo county in a temporary folder. Ends with stop(), which fails if the server did not end by itself. */
export async function startServer() {
  const dir = await mkdtemp(join(tmpdir(), 'shanglin-e2e-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const server = spawn(binary, ['serve', '--store', `sqlite:${dir}`, '--listen', `127.0.0.1:${port}`, '--demo', '--demo-firms', String(firms)], {
    stdio: ['ignore', 'pipe', 'pipe'],
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
      await rm(dir, { recursive: true, force: true })
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${said.slice(-20).join('\n')}`)
    },
  }
}

/** Starts Debian's Chromium with no network of its own. */
export function startBrowser() {
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
 * of 400 and more, unless page.expect(status) said that such an answer is part of the test.
 */
export async function newPage(browser, origin, viewport = desktop) {
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
    if (r.failure()?.errorText !== 'net::ERR_ABORTED') page.wrong.push(`request: ${r.method()} ${r.url()} ${r.failure()?.errorText}`)
  })
  page.on('response', (r) => {
    if (r.status() >= 400 && !allowed.has(r.status())) page.wrong.push(`answer: ${r.status()} ${r.request().method()} ${r.url()}`)
  })
  return page
}

/** Signs a demo account in and waits for the page that it is led to. */
export async function signIn(page, tenant, login) {
  await page.goto(`/${tenant}/sign-in`)
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '退出' }).waitFor()
}

/** Takes a picture into the folder that git ignores. A page wider than its window is an error: nothing may need sideways scrolling. */
export async function picture(page, name, { full = false } = {}) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (overflow > 0) throw new Error(`${name}: the page is ${overflow} px wider than its window`)
  const folder = join(here, 'pictures')
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: full, animations: 'disabled' })
}
