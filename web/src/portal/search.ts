import type { SchemeSearch } from '@/api/portal'

/** The filters of the search page, as its address carries them. */
const filters = ['q', 'industry', 'size', 'department', 'kind', 'document', 'standing', 'on'] as const
const standings = ['in_force', 'upcoming', 'expired', 'all'] as const
type Filter = (typeof filters)[number]
export type Filters = Record<Filter, string>

type Query = Record<string, unknown>

function text(v: unknown): string {
  const one = Array.isArray(v) ? v[0] : v
  return typeof one === 'string' ? one.slice(0, 100) : ''
}

/** filtersOf reads the address; a standing nobody chose is what is in force. */
export function filtersOf(query: Query): Filters {
  const f = Object.fromEntries(filters.map((name) => [name, text(query[name])])) as Filters
  if (!standings.some((x) => x === f.standing)) f.standing = 'in_force'
  if (!/^\d{4}-\d{2}-\d{2}$/.test(f.on)) f.on = ''
  return f
}

export function pageOf(query: Query): number {
  const n = Number(text(query.page))
  return Number.isInteger(n) && n > 1 && n < 100_000 ? n : 1
}

/** queryOf writes the address: only what differs from the usual. */
export function queryOf(f: Filters, page = 1): Record<string, string> {
  const out: Record<string, string> = {}
  for (const name of filters) if (f[name] && !(name === 'standing' && f.standing === 'in_force')) out[name] = f[name]
  if (page > 1) out.page = String(page)
  return out
}

export function searchOf(query: Query, per: number): SchemeSearch {
  const { standing, ...words } = filtersOf(query)
  return { ...words, standing: standings.find((x) => x === standing), page: pageOf(query), per }
}
