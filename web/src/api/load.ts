import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asFault, type Fault } from './fault'

export interface Load<T> {
  data: ShallowRef<T | undefined>
  fault: ShallowRef<Fault | undefined>
  busy: Ref<boolean>
  /** reload asks again; an older question still under way is cancelled and its answer ignored. */
  reload: () => Promise<void>
}

/**
 * useLoad holds the latest answer of ask(): the old answer stays while a new one is fetched,
 * and only the newest question may set it.
 */
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>): Load<T> {
  const data = shallowRef<T>()
  const fault = shallowRef<Fault>()
  const busy = ref(false)
  let current: AbortController | undefined

  async function reload(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    busy.value = true
    try {
      const got = await ask(mine.signal)
      if (current !== mine) return
      data.value = got
      fault.value = undefined
    } catch (e) {
      if (current !== mine || mine.signal.aborted) return
      fault.value = asFault(e)
    }
    if (current === mine) busy.value = false
  }

  onScopeDispose(() => {
    current?.abort()
    current = undefined
  })
  return { data, fault, busy, reload }
}
