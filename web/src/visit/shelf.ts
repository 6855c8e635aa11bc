// What was typed and photographed on a visit and has not reached the server: kept in the browser, so that a page that is closed or loaded anew
// without a connection has it again.
import type { NewVisitEntry, Visit } from './api'

export interface Draft extends NewVisitEntry {
  visit: string
  account: string
  /** It was on its way to the server once: nobody knows whether it arrived, so it does not change any more. */
  tried: boolean
  /** Why the server will not have it. */
  refused?: string
}

export interface Shot {
  id: string
  visit: string
  account: string
  item: string
  taken_at: string
  file: Blob
  refused?: string
}

/** Shelf keeps drafts, photos and the last that was seen of a visit. */
export interface Shelf {
  drafts(visit: string, account: string): Promise<Draft[]>
  shots(visit: string, account: string): Promise<Shot[]>
  keepDraft(d: Draft): Promise<void>
  keepShot(s: Shot): Promise<void>
  dropDraft(id: string): Promise<void>
  dropShot(id: string): Promise<void>
  seen(visit: string, account: string): Promise<Visit | undefined>
  keepSeen(account: string, v: Visit): Promise<void>
}

const stores = ['drafts', 'shots', 'seen'] as const
type Store = (typeof stores)[number]

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function openShelf(): Promise<IDBDatabase> {
  const request = indexedDB.open('shanglin-visits', 1)
  request.onupgradeneeded = () => stores.forEach((s) => request.result.createObjectStore(s, { keyPath: 'id' }))
  return done(request)
}

/** browserShelf is in the browser's own database. */
export function browserShelf(): Shelf {
  let db: Promise<IDBDatabase> | undefined
  const at = async (store: Store, mode: IDBTransactionMode) => (await (db ??= openShelf())).transaction(store, mode).objectStore(store)
  const all = async <T extends { visit: string; account: string }>(store: Store, visit: string, account: string) =>
    (await done((await at(store, 'readonly')).getAll() as IDBRequest<T[]>)).filter((x) => x.visit === visit && x.account === account)
  /** Resolves when it is written, and not only asked for. */
  const write = async (store: Store, change: (s: IDBObjectStore) => void) => {
    const s = await at(store, 'readwrite')
    await new Promise<void>((resolve, reject) => {
      s.transaction.oncomplete = () => resolve()
      s.transaction.onabort = s.transaction.onerror = () => reject(s.transaction.error)
      change(s)
    })
  }
  return {
    drafts: (visit, account) => all<Draft>('drafts', visit, account),
    shots: (visit, account) => all<Shot>('shots', visit, account),
    keepDraft: (d) => write('drafts', (s) => s.put(d)),
    keepShot: (x) => write('shots', (s) => s.put(x)),
    dropDraft: (id) => write('drafts', (s) => s.delete(id)),
    dropShot: (id) => write('shots', (s) => s.delete(id)),
    seen: async (visit, account) => (await done((await at('seen', 'readonly')).get(`${account}/${visit}`) as IDBRequest<{ v: Visit } | undefined>))?.v,
    keepSeen: (account, v) => write('seen', (s) => s.put({ id: `${account}/${v.id}`, v })),
  }
}

/** memoryShelf is gone with the page: for a browser that keeps nothing, and for tests. */
export function memoryShelf(): Shelf {
  const drafts = new Map<string, Draft>()
  const shots = new Map<string, Shot>()
  const seen = new Map<string, Visit>()
  return {
    drafts: async (v, a) => [...drafts.values()].filter((x) => x.visit === v && x.account === a),
    shots: async (v, a) => [...shots.values()].filter((x) => x.visit === v && x.account === a),
    keepDraft: async (d) => void drafts.set(d.id, { ...d }),
    keepShot: async (s) => void shots.set(s.id, { ...s }),
    dropDraft: async (id) => void drafts.delete(id),
    dropShot: async (id) => void shots.delete(id),
    seen: async (v, a) => seen.get(`${a}/${v}`),
    keepSeen: async (a, v) => void seen.set(`${a}/${v.id}`, v),
  }
}

/** forgetSeen takes away what was seen of visits, when somebody signs out. What has not been sent stays for its author. */
export async function forgetSeen(): Promise<void> {
  const databases = typeof indexedDB === 'undefined' || !indexedDB.databases ? [] : await indexedDB.databases()
  if (!databases.some((d) => d.name === 'shanglin-visits')) return
  const db = await openShelf()
  await done(db.transaction('seen', 'readwrite').objectStore('seen').clear())
  db.close()
}
