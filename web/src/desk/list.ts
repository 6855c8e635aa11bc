// A list whose filters stand in the address: reload, back and a copied link all show the same.

import { computed, reactive, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useLoad, type Load } from '@/api/load'

export interface Page<T> {
  items: T[]
  total: number
  more?: boolean
}

export interface List<T, F extends Record<string, string>> {
  load: Load<T>
  /** What the form shows; it becomes the address when apply is called. */
  filters: F
  page: ComputedRef<number>
  per: number
  /** Whether any filter is set. */
  filtered: ComputedRef<boolean>
  apply: () => void
  clear: () => void
  go: (page: number) => void
  /** The filters that the shown list was asked with. */
  query: ComputedRef<Record<string, string>>
}

/** useList asks again whenever its part of the address changes. ask gets the filters that are set, and the page from 1. */
export function useList<T, F extends Record<string, string>>(
  empty: F,
  ask: (query: Record<string, string>, page: { page: number; per: number }, signal: AbortSignal) => Promise<T>,
  per = 20,
): List<T, F> {
  const route = useRoute()
  const router = useRouter()
  const own = route.path
  const text = (name: string): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const query = computed(() => {
    const set: Record<string, string> = {}
    for (const name of Object.keys(empty)) {
      const value = text(name)
      if (value) set[name] = value
    }
    return set
  })
  const page = computed(() => Math.max(1, Math.floor(Number(text('page'))) || 1))
  const filters = reactive({ ...empty }) as F
  const load = useLoad<T>((signal) => ask(query.value, { page: page.value, per }, signal))

  watch(
    () => JSON.stringify([query.value, page.value]),
    () => {
      if (route.path !== own) return // the page is being left
      Object.assign(filters, empty, query.value)
      void load.reload()
    },
    { immediate: true },
  )

  function show(set: Record<string, string>, at: number): void {
    const rest = Object.fromEntries(Object.entries(route.query).filter(([name]) => !(name in empty) && name !== 'page'))
    const wanted = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== ''))
    void router.push({ query: { ...rest, ...wanted, ...(at > 1 ? { page: String(at) } : {}) } })
  }

  return {
    load,
    filters,
    page,
    per,
    filtered: computed(() => Object.keys(query.value).length > 0),
    apply: () => show(Object.fromEntries(Object.entries(filters).map(([k, v]) => [k, v.trim()])), 1),
    clear: () => show({}, 1),
    go: (to) => show(query.value, to),
    query,
  }
}
