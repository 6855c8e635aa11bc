import { reactive, readonly } from 'vue'
import { get } from './api/client'
import { asFault, type Fault } from './api/fault'
import type { About } from './api/types'

interface Tenant {
  id: string
  about: About | undefined
  fault: Fault | undefined
}

const state = reactive<Tenant>({ id: '', about: undefined, fault: undefined })

/** tenant is the county (or city) of the address and what its pages need to know of it. */
export const tenant = readonly(state) as Readonly<Tenant>

/** enterTenant loads what the pages need to know of a tenant, once for each. */
export async function enterTenant(id: string): Promise<void> {
  if (state.id === id && state.about) return
  state.id = id
  state.about = undefined
  state.fault = undefined
  try {
    const about = await get('/api/{tenant}/about', { path: { tenant: id } })
    if (state.id === id) state.about = about
  } catch (e) {
    if (state.id === id) state.fault = asFault(e)
  }
}

/** thisYear is the year it is where the tenant is. */
export function thisYear(): number {
  return Number((state.about?.today ?? '').slice(0, 4)) || new Date().getFullYear()
}

/** here is a path below the tenant's: here('calculator') → /{tenant}/calculator. */
export function here(path = ''): string {
  return `/${encodeURIComponent(state.id)}/${path}`
}
