// Sends what was said on a visit, once: everything has an id of its own from the phone, stays on the shelf until the server said that it has it,
// and is sent again as it was when nobody knows whether it arrived.
import { computed, reactive, ref, type Ref } from 'vue'
import { asFault, type Fault } from '@/api/fault'
import { keepEntries, keepPhoto, type NewVisitEntry, type Visit, type VisitItem } from './api'
import type { Draft, Shelf, Shot } from './shelf'

/** newId is a random id (UUID version 4); crypto.randomUUID is not there on an address without https. */
export function newId(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6]! & 0x0f) | 0x40
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function plain(d: Draft): NewVisitEntry {
  return { id: d.id, item: d.item, said_at: d.said_at, ...(d.answer ? { answer: d.answer } : {}), ...(d.note ? { note: d.note } : {}), ...(d.seen?.length ? { seen: d.seen } : {}) }
}

/** useOutbox is the outbox of a visit for one account; got is told of every visit that the server answers. */
export function useOutbox(shelf: Shelf, visit: string, account: string, got: (v: Visit) => void) {
  const drafts: Ref<Draft[]> = ref([])
  const shots: Ref<Shot[]> = ref([])
  const state = reactive({ sending: false, fault: undefined as Fault | undefined })
  const waiting = computed(() => drafts.value.filter((d) => !d.refused).length + shots.value.filter((s) => !s.refused).length)
  let running: Promise<void> | undefined
  let again = false
  let writes: Promise<unknown> = Promise.resolve()

  /** One after the other, so that what is written last is what was typed last. */
  function write(fn: () => Promise<void>): Promise<void> {
    const next = writes.then(fn)
    writes = next.catch(() => {})
    return next
  }

  async function load(): Promise<void> {
    drafts.value = (await shelf.drafts(visit, account)).sort((a, b) => a.said_at.localeCompare(b.said_at) || a.id.localeCompare(b.id))
    shots.value = await shelf.shots(visit, account)
  }

  /** of is what was last said here of an item and has not been sent. */
  const of = (item: string): Draft | undefined => drafts.value.filter((d) => d.item === item && !d.refused).at(-1)

  function say(item: VisitItem, answer: string, note: string): Promise<void> {
    const now = new Date().toISOString()
    let d = of(item.item)
    if (d && !d.tried) {
      Object.assign(d, { answer, note, said_at: now })
    } else {
      const mine = drafts.value.filter((x) => x.item === item.item && !x.refused).map((x) => x.id)
      d = { id: newId(), visit, account, item: item.item, answer, note, seen: [...item.standing.map((e) => e.id), ...mine], said_at: now, tried: false }
      drafts.value.push(d)
    }
    const kept = { ...d, seen: [...(d.seen ?? [])] }
    return write(() => shelf.keepDraft(kept))
  }

  function shoot(item: string, file: Blob): Promise<void> {
    const s: Shot = { id: newId(), visit, account, item, taken_at: new Date().toISOString(), file }
    shots.value.push(s)
    return write(() => shelf.keepShot(s))
  }

  /** drop gives up what the server will not have, once its author has read why. */
  async function drop(id: string): Promise<void> {
    drafts.value = drafts.value.filter((d) => d.id !== id)
    shots.value = shots.value.filter((s) => s.id !== id)
    await write(() => shelf.dropDraft(id))
    await write(() => shelf.dropShot(id))
  }

  /** The server itself says no, and would again. */
  const final = (f: Fault): boolean => f.status > 0 && ['invalid', 'conflict', 'too_large'].includes(f.code)

  async function post(list: Draft[]): Promise<void> {
    try {
      got(await keepEntries(visit, list.map(plain)))
    } catch (e) {
      const f = asFault(e)
      if (!final(f)) throw f
      if (list.length > 1) {
        for (const d of list) await post([d])
        return
      }
      const d = list[0]!
      d.refused = f.details[0]?.message ?? f.message
      const kept = { ...d, seen: [...(d.seen ?? [])] }
      await write(() => shelf.keepDraft(kept))
      return
    }
    for (const d of list) await drop(d.id)
  }

  async function run(): Promise<void> {
    await writes
    const list = drafts.value.filter((d) => !d.refused).slice(0, 200)
    if (list.length) {
      for (const d of list) {
        if (d.tried) continue
        d.tried = true
        const kept = { ...d, seen: [...(d.seen ?? [])] }
        await write(() => shelf.keepDraft(kept))
      }
      await post(list)
    }
    for (const s of shots.value.filter((x) => !x.refused)) {
      try {
        got(await keepPhoto(visit, s))
        await drop(s.id)
      } catch (e) {
        const f = asFault(e)
        if (!final(f)) throw f
        s.refused = f.message
        await write(() => shelf.keepShot({ ...s }))
      }
    }
  }

  /** send sends what waits; asked while it does, it goes on until nothing new is there. */
  function send(): Promise<void> {
    if (!navigator.onLine) return Promise.resolve() // nothing can have arrived, so what waits may still be changed
    again = true
    running ??= (async () => {
      state.sending = true
      state.fault = undefined
      try {
        while (again) {
          again = false
          await run()
        }
      } catch (e) {
        state.fault = asFault(e)
      } finally {
        state.sending = false
        running = undefined
      }
    })()
    return running
  }

  return { drafts, shots, state, waiting, load, of, say, shoot, drop, send }
}
