import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { setLocale } from '@/i18n'
import { signOut } from '@/session'
import { enterTenant } from '@/tenant'
import { button, county, openRoom } from '@/test/rooms'
import type { Asked } from '@/test/server'
import Bell from './Bell.vue'
import Notifications from './Notifications.vue'
import Reaches from './Reaches.vue'
import { every, tellUnread, unread } from './unread'

let page: VueWrapper

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}

afterEach(() => {
  page.unmount()
  vi.unstubAllGlobals()
  vi.useRealTimers()
  hide(false)
  setLocale('zh')
  tellUnread(0)
})

describe('the bell', () => {
  let waiting = 3
  let asked: Asked[]
  let router: Router
  const counted = (): number => asked.filter((a) => a.url.endsWith('/notifications/count')).length

  async function open(): Promise<void> {
    asked = await county([{ role: 'officer' }], (_, path) => (path === '/notifications/count' ? { body: { unread: waiting } } : undefined))
    router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<i/>' } }] })
    await router.push('/somewhere/')
    page = mount(Bell, { global: { plugins: [router] } })
    await vi.advanceTimersByTimeAsync(0)
  }

  beforeEach(() => {
    vi.useFakeTimers()
    waiting = 3
  })

  it('says how many are unread, and leads to them', async () => {
    await open()
    expect(page.find('a').attributes('href')).toBe('/somewhere/notifications')
    expect(page.find('a').attributes('aria-label')).toBe('消息，3 条未读')
    expect(page.find('.count').text()).toBe('3')
    tellUnread(0)
    await flushPromises()
    expect([page.find('a').attributes('aria-label'), page.find('.count').exists()]).toEqual(['消息', false])
    tellUnread(240)
    setLocale('en')
    await flushPromises()
    expect([page.find('a').attributes('aria-label'), page.find('.count').text()]).toEqual(['Notifications, 240 unread', '99+'])
  })

  it('asks again after a while and when a page is opened, but not at once', async () => {
    await open()
    expect(counted()).toBe(1)
    await vi.advanceTimersByTimeAsync(every * 0.8)
    expect(counted()).toBe(1)
    waiting = 4
    await vi.advanceTimersByTimeAsync(every * 0.4)
    expect(counted()).toBe(2)
    expect(page.find('.count').text()).toBe('4')
    await vi.advanceTimersByTimeAsync(6000)
    await router.push('/somewhere/desk')
    await vi.advanceTimersByTimeAsync(0)
    expect(counted()).toBe(3)
    await router.push('/somewhere/desk/parties')
    await vi.advanceTimersByTimeAsync(0)
    expect(counted()).toBe(3)
    await vi.advanceTimersByTimeAsync(every * 1.2)
    expect(counted()).toBe(4)
  })

  it('asks nothing while the tab is hidden, and at once when it is shown again', async () => {
    await open()
    hide(true)
    await vi.advanceTimersByTimeAsync(every * 10)
    await router.push('/somewhere/desk')
    await vi.advanceTimersByTimeAsync(every * 10)
    expect(counted()).toBe(1)
    waiting = 9
    hide(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(counted()).toBe(2)
    expect(page.find('.count').text()).toBe('9')
  })

  it('goes on asking after a question that failed, and keeps the number', async () => {
    await open()
    let broken = true
    const real = fetch
    vi.stubGlobal('fetch', (...a: Parameters<typeof fetch>) => (broken ? Promise.reject(new TypeError('offline')) : real(...a)))
    await vi.advanceTimersByTimeAsync(every * 1.2)
    expect([counted(), page.find('.count').text()]).toEqual([1, '3'])
    broken = false
    waiting = 5
    await vi.advanceTimersByTimeAsync(every * 1.2)
    expect(page.find('.count').text()).toBe('5')
  })

  it('is nothing for the public, nor in a county where one does not belong', async () => {
    await open()
    await enterTenant('elsewhere')
    await vi.advanceTimersByTimeAsync(every * 2)
    expect([counted(), page.find('a').exists(), unread.value]).toEqual([1, false, 0])
    await enterTenant('somewhere')
    await vi.advanceTimersByTimeAsync(0)
    expect([counted(), page.find('.count').text()]).toEqual([2, '3'])
    await signOut()
    await vi.advanceTimersByTimeAsync(every * 2)
    expect([counted(), page.find('a').exists()]).toEqual([2, false])
  })

  it('stops with its page', async () => {
    await open()
    page.unmount()
    await vi.advanceTimersByTimeAsync(every * 5)
    expect(counted()).toBe(1)
    page = mount({ template: '<i/>' })
  })
})

describe('the notifications', () => {
  type Answer = { status?: number; body?: unknown } | undefined
  const note = (id: string, over: object = {}): object => ({
    id, kind: 'k', title: `消息${id}`, body: '', link: '', at: '2026-11-23T01:30:00.000000Z', read: false, sent: [], ...over,
  })
  const routes = [
    { path: 'notifications', name: 'notifications', component: Notifications },
    { path: 'firm/cases/1', component: { template: '<i>办件</i>' } },
  ]
  const notes = (items: object[], unread = 1, total = items.length): Answer => ({ body: { items, total, unread, page: 1 } })

  async function open(answer: (a: Asked, path: string, q: URLSearchParams) => Answer, shown: string, address = 'notifications') {
    const asked = await county([{ role: 'firm', party: 'p' }], answer)
    const opened = await openRoom(routes, address, shown)
    page = opened.page
    return { asked, router: opened.router }
  }

  it('are listed with what is unread marked, and lead to what they are about', async () => {
    const { asked, router } = await open(
      (a, path) =>
        a.method === 'POST' ? { body: { unread: 0 } } : path === '/notifications' ? notes([note('a', { link: 'firm/cases/1', body: '请于11月30日前补正' }), note('b', { read: true })]) : undefined,
      '请于11月30日前补正',
    )
    const rows = page.findAll('li')
    expect(rows.map((r) => [r.find('[aria-label=未读]').exists(), r.find('button').exists()])).toEqual([
      [true, true],
      [false, false],
    ])
    expect(page.text()).toContain('2026-11-23 09:30')
    expect(rows[1]!.find('a').exists()).toBe(false)
    await rows[0]!.find('a').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/somewhere/firm/cases/1')
    expect(asked.at(-1)).toMatchObject({ method: 'POST', url: '/api/somewhere/notifications/a/read', headers: { 'X-CSRF-Token': 'c' } })
  })

  it('are marked one by one, without losing the place', async () => {
    const { asked } = await open((a) => (a.method === 'POST' ? { body: { unread: 1 } } : notes([note('a'), note('b')], 2)), '消息a')
    await button(page, '标为已读：消息b').trigger('click')
    await flushPromises()
    expect(asked.at(-1)!.url).toBe('/api/somewhere/notifications/b/read')
    expect(page.findAll('li').map((r) => r.find('button').exists())).toEqual([true, false])
    expect([document.activeElement?.tagName, document.activeElement?.textContent?.includes('消息b')]).toEqual(['LI', true])
    expect(page.find('nav').text()).toContain('未读1')
  })

  it('are marked all at once, up to what was shown', async () => {
    let read = false
    const { asked } = await open((a) => {
      if (a.method === 'POST') read = true
      return a.method === 'POST' ? { body: { unread: 0 } } : notes([note('a', { read }), note('b', { read })], read ? 0 : 2)
    }, '消息a')
    await button(page, '全部标为已读').trigger('click')
    await flushPromises()
    expect(asked.filter((a) => a.method === 'POST').at(-1)).toMatchObject({ url: '/api/somewhere/notifications/read', body: { until: '2026-11-23T01:30:00.000000Z' } })
    expect(page.findAll('.dot')).toHaveLength(0)
    expect(button(page, '全部标为已读').attributes('disabled')).toBeDefined()
  })

  it('can be narrowed to the unread, and say when there are none', async () => {
    const { router } = await open((_, __, q) => (q.get('unread') ? notes([], 0) : notes([note('a', { read: true })], 0)), '消息a')
    await router.push('/somewhere/notifications?unread=1')
    await vi.waitFor(() => expect(page.text()).toContain('没有未读的消息'))
    expect(page.find('nav [aria-current=page]').text()).toBe('未读')
    await router.push('/somewhere/notifications')
    await vi.waitFor(() => expect(page.text()).toContain('消息a'))
  })

  it('say when there is nothing at all', async () => {
    await open(() => notes([], 0), '没有消息')
    expect(button(page, '全部标为已读').attributes('disabled')).toBeDefined()
  })

  it('say when they cannot be had, and try again', async () => {
    let broken = true
    await open(() => (broken ? { status: 503, body: { code: 'unavailable', message: '系统暂时不可用，请稍后再试。', details: [] } } : notes([note('a')])), '系统暂时不可用')
    broken = false
    await button(page, '重试').trigger('click')
    await vi.waitFor(() => expect(page.text()).toContain('消息a'))
  })

  it('stay unread when marking fails, and say so', async () => {
    await open((a) => (a.method === 'POST' ? { status: 404, body: { code: 'not_found', message: '没有这条消息', details: [] } } : notes([note('a')])), '消息a')
    await button(page, '标为已读：消息a').trigger('click')
    await flushPromises()
    expect(page.find('[role=alert]').text()).toContain('没有这条消息')
    expect(page.find('.dot').exists()).toBe(true)
  })

  it('come in while the page is open', async () => {
    let items = [note('a')]
    await open(() => notes(items, items.length), '消息a')
    items = [note('b'), note('a')]
    tellUnread(2)
    await vi.waitFor(() => expect(page.text()).toContain('消息b'))
  })

  it('say how they fared outside the app', async () => {
    await open(
      () =>
        notes([
          note('a', { sent: [{ channel: 'mail', state: 'sent', at: '2026-11-23T01:31:00.000000Z', reason: '' }, { channel: 'phone', state: 'failed', at: '2026-11-23T01:32:00.000000Z', reason: '对方拒收' }] }),
          note('b', { sent: [{ channel: 'mail', state: 'waiting', at: '2026-11-24T00:00:00.000000Z', reason: '' }] }),
        ]),
      '消息b',
    )
    for (const said of ['邮箱：2026-11-23 09:31已发', '手机：没有送达（对方拒收）', '邮箱：待发，2026-11-24 08:00']) expect(page.text()).toContain(said)
  })
})

describe('how one is told', () => {
  const reach = (over: object = {}): object => ({
    channel: 'mail', to: '', confirmed: false, how: 'at_once', quiet_from: '21:00', quiet_to: '08:00', digest_at: '08:30', failed: '', ...over,
  })
  const routes = [{ path: 'notifications/reaches', component: Reaches }, { path: 'notifications', component: { template: '<i/>' } }]
  type Asks = (a: Asked) => { status?: number; body?: unknown } | undefined

  async function open(answer: Asks, shown: string): Promise<Asked[]> {
    const asked = await county([{ role: 'firm', party: 'p' }], answer)
    page = (await openRoom(routes, 'notifications/reaches', shown)).page
    return asked
  }

  it('takes an address, a code and the hours', async () => {
    let now = reach()
    const asked = await open((a) => {
      if (a.method === 'PUT') now = reach({ to: 'z***@example.com' })
      if (a.method === 'POST') now = reach({ to: 'z***@example.com', confirmed: true })
      return { body: a.method === 'GET' ? { items: [now] } : now }
    }, '邮箱')
    expect(button(page, '保存').attributes('disabled')).toBeDefined()
    await page.find('#reach-mail-to').setValue(' zhang@example.com ')
    await page.find('input[value=digest]').setValue()
    await page.find('#reach-mail-at').setValue('09:00')
    await page.findAll('form').at(-1)!.trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.method === 'PUT')).toMatchObject({
      url: '/api/somewhere/notifications/reaches/mail',
      body: { to: 'zhang@example.com', how: 'digest', quiet_from: '21:00', quiet_to: '08:00', digest_at: '09:00' },
    })
    expect(page.text()).toContain('等待确认')
    await page.find('#reach-mail-code').setValue('123456')
    await page.find('form.code').trigger('submit')
    await flushPromises()
    expect(asked.find((a) => a.url.endsWith('/confirm'))).toMatchObject({ method: 'POST', url: '/api/somewhere/notifications/reaches/mail/confirm', body: { code: '123456' } })
    expect([page.text().includes('已确认'), page.find('#reach-mail-code').exists()]).toEqual([true, false])
  })

  it('says why a code is refused, and keeps what was typed', async () => {
    await open((a) => (a.method === 'POST' ? { status: 422, body: { code: 'invalid', message: '验证码不对，还可以试4次' } } : { body: { items: [reach({ to: 'z***@example.com' })] } }), '等待确认')
    await page.find('#reach-mail-code').setValue('000000')
    await page.find('form.code').trigger('submit')
    await flushPromises()
    expect(page.text()).toContain('还可以试4次')
    expect((page.find('#reach-mail-code').element as HTMLInputElement).value).toBe('000000')
  })

  it('says that there is no channel', async () => {
    await open(() => ({ body: { items: [] } }), '这里只在系统内提醒')
  })
})
