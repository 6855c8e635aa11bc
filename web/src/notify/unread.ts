// How much there is to read. The shell asks now and then, while somebody looks: each time a page is opened, when the tab is shown
// again, and about every 45 seconds; never while the tab is hidden. A question that fails is asked again at the next occasion.

import { computed, onScopeDispose, readonly, ref, watch } from 'vue'
import { useRoute } from 'vue-router'
import { get } from '@/api/client'
import { session } from '@/session'
import { tenant } from '@/tenant'

/** How often is asked, in milliseconds; not quite regularly, so that a whole office does not ask at one moment. */
export const every = 45_000
const spread = 10_000
/** Within this time the last answer is new enough. */
const fresh = 5_000

const count = ref(0)

/** unread is how many notifications are unread, as far as is known. */
export const unread = readonly(count)

/** tellUnread takes a count that came with another answer. */
export function tellUnread(n: number): void {
  count.value = n
}

/** Somebody is signed in who belongs to this tenant; in another one they are the public. */
const mine = computed(() => session.actor !== null && !session.mustChange && session.tenants.includes(tenant.id))

/** hasBox says whether the visitor has notifications here. */
export const hasBox = mine

/** keepCounting asks for as long as the component that calls it lives. */
export function keepCounting(): void {
  const route = useRoute()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let asking: AbortController | undefined

  function wait(): void {
    clearTimeout(timer)
    if (mine.value && !document.hidden) timer = setTimeout(() => void ask(), every - spread / 2 + Math.random() * spread)
  }

  async function ask(): Promise<void> {
    clearTimeout(timer)
    asking?.abort()
    if (!mine.value || document.hidden) return
    const own = new AbortController()
    asking = own
    asked = Date.now()
    const of = tenant.id
    try {
      const got = await get('/api/{tenant}/notifications/count', { path: { tenant: of }, signal: own.signal })
      if (asking === own && mine.value && tenant.id === of) count.value = got.unread
    } catch {
      // The number that stands is the last that was known.
    }
    if (asking === own) wait()
  }

  function askUnlessFresh(): void {
    if (Date.now() - asked >= fresh) void ask()
    else wait()
  }

  watch(
    () => [session.actor?.login, tenant.id, mine.value],
    () => {
      count.value = 0
      void ask()
    },
    { immediate: true },
  )
  watch(() => route.path, askUnlessFresh)
  document.addEventListener('visibilitychange', askUnlessFresh)
  onScopeDispose(() => {
    clearTimeout(timer)
    asking?.abort()
    asking = undefined
    document.removeEventListener('visibilitychange', askUnlessFresh)
  })
}
