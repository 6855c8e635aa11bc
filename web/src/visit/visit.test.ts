import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { enterTenant } from '@/tenant'
import { about } from '@/test/page'
import { serve, type Asked } from '@/test/server'
import { saidText, type Visit, type VisitItem } from './api'
import { newId, useOutbox } from './outbox'
import { memoryShelf } from './shelf'

const item = (n: string, standing: string[] = []): VisitItem => ({
  item: n, ask: '面积', kind: 'figure', unit: '平方米', photo: false, differs: false, earlier: [], late: [],
  standing: standing.map((id) => ({ id, answer: '1', said_at: '', said_by: '', mine: false, received_at: '' })),
})
const sent = (all: Asked[]) => all.map((a) => (a.body as { entries: { id: string; item: string; answer?: string; seen?: string[] }[] }).entries)
const visit = { id: 'v' } as Visit

beforeEach(async () => {
  serve(() => ({ body: about }))
  await enterTenant('somewhere')
})
afterEach(() => vi.unstubAllGlobals())

describe('the outbox of a visit', () => {
  it('makes ids as the server wants them', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(Array.from({ length: 100 }, newId)).size).toBe(100)
  })

  it('changes what waits, keeps it over a new page, and sends it once', async () => {
    let online = false
    const all = serve(() => (online ? { body: visit } : new TypeError('offline')))
    const shelf = memoryShelf()
    const first = useOutbox(shelf, 'v', 'a', () => {})
    vi.stubGlobal('navigator', { ...navigator, onLine: false })
    await first.say(item('2', ['s1']), '12', '')
    await first.say(item('2', ['s1']), '120', '')
    await first.send()
    expect(all).toHaveLength(0)
    const page = useOutbox(shelf, 'v', 'a', () => {})
    await page.load()
    expect(page.waiting.value).toBe(1)
    expect(page.of('2')?.answer).toBe('120')
    vi.stubGlobal('navigator', { ...navigator, onLine: true })
    await page.send()
    expect(page.state.fault?.code).toBe('network')
    // It may have arrived: it is sent as it was, and what is typed now replaces it.
    await page.say(item('2', ['s1']), '130', '')
    online = true
    await page.send()
    expect(page.waiting.value).toBe(0)
    const [lost, again] = sent(all)
    expect(again!.map((e) => [e.answer, e.id === lost![0]!.id])).toEqual([['120', true], ['130', false]])
    expect(again![1]!.seen).toEqual(['s1', lost![0]!.id])
    expect(await shelf.drafts('v', 'a')).toHaveLength(0)
  })

  it('keeps what the server will not have, says why, and sends the rest', async () => {
    serve((a) => {
      const entries = sent([a])[0]!
      return entries.some((e) => e.item === '9') ? { status: 422, body: { code: 'invalid', message: '不行', details: [{ field: 'entries[0].item', message: '清单中没有这一项' }] } } : { body: visit }
    })
    const shelf = memoryShelf()
    const box = useOutbox(shelf, 'v', 'a', () => {})
    await box.say(item('1'), '1', '')
    await box.say(item('9'), '2', '')
    await box.send()
    expect(box.waiting.value).toBe(0)
    expect(box.drafts.value.map((d) => [d.item, d.refused])).toEqual([['9', '清单中没有这一项']])
    expect(await shelf.drafts('v', 'a')).toHaveLength(1)
  })

  it('does not show one account what another typed', async () => {
    const shelf = memoryShelf()
    await useOutbox(shelf, 'v', 'a', () => {}).say(item('1'), '1', '')
    const other = useOutbox(shelf, 'v', 'b', () => {})
    await other.load()
    expect(other.waiting.value).toBe(0)
  })

  it('reads an entry', () => {
    expect(saidText({ unit: '平方米' }, { answer: '120.5', note: '含仓库' })).toBe('120.5平方米：含仓库')
    expect(saidText({}, { answer: 'unsure', note: '' })).toBe('无法确认')
    expect(saidText({}, { answer: '', note: '' })).toBe('（空）')
  })
})
