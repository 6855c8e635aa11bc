// One import as its page follows it: asked again while the server works, until there is something to decide or it has ended.

import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { get, post } from '@/api/client'
import { asFault, type Fault } from '@/api/fault'
import { tenant } from '@/tenant'
import type { ImportState, ImportView } from './types'

export const stateWords: Record<ImportState, string> = {
  staging: '正在读取',
  staged: '待确认',
  committing: '正在写入',
  committed: '已导入',
  cancelled: '已取消',
  failed: '没有成功',
}

/** working says that the server is at it and the page should ask again. */
export function working(state: ImportState | undefined): boolean {
  return state === 'staging' || state === 'committing'
}

/** percent of the present step, 0 to 100; undefined while its size is not known. */
export function percent(i: Pick<ImportView, 'done' | 'total'>): number | undefined {
  if (i.total <= 0) return undefined
  return Math.min(100, Math.max(0, Math.floor((i.done / i.total) * 100)))
}

const EVERY = 700
const AFTER_FAULT = 3000

interface Importing {
  data: ShallowRef<ImportView | undefined>
  fault: ShallowRef<Fault | undefined>
  /** A decision is being sent. */
  busy: Ref<boolean>
  working: ComputedRef<boolean>
  follow: () => Promise<void>
  commit: (mode: 'good_only' | 'all_or_none') => Promise<void>
  cancel: () => Promise<void>
}

/** useImport follows the import of an id. The address carries the id, so a reload in the middle only asks again. */
export function useImport(id: () => string): Importing {
  const data = shallowRef<ImportView>()
  const fault = shallowRef<Fault>()
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let gone = false

  const path = (): { tenant: string; id: string } => ({ tenant: tenant.id, id: id() })

  function take(view: ImportView): void {
    data.value = view
    fault.value = undefined
  }

  function again(after: number): void {
    clearTimeout(timer)
    if (!gone) timer = setTimeout(() => void follow(), after)
  }

  async function follow(): Promise<void> {
    const mine = ++asked
    try {
      const view = await get('/api/{tenant}/imports/{id}', { path: path() })
      if (mine !== asked || gone) return
      take(view)
      if (working(view.state)) again(EVERY)
    } catch (e) {
      if (mine !== asked || gone) return
      fault.value = asFault(e)
      if (fault.value.retryable) again(AFTER_FAULT)
    }
  }

  async function decide(ask: () => Promise<ImportView>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const view = await ask()
      asked++
      take(view)
      if (working(view.state)) again(EVERY)
    } catch (e) {
      fault.value = asFault(e)
    } finally {
      busy.value = false
    }
  }

  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })

  return {
    data,
    fault,
    busy,
    working: computed(() => working(data.value?.state)),
    follow,
    commit: (mode) => decide(() => post('/api/{tenant}/imports/{id}/commit', { path: path(), body: { mode } })),
    cancel: () => decide(() => post('/api/{tenant}/imports/{id}/cancel', { path: path(), body: {} })),
  }
}
