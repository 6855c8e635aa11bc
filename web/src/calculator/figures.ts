// The figures of the calculator and how a link carries them. The part of an address after # never leaves the browser.

export interface Figures {
  /** A key of a facts file (营业收入@2025) and its text (9990万元), in the order typed. */
  facts: Record<string, string>
  /** Keys that the visitor says are not known; they are not asked again. */
  skipped: string[]
  /** Evaluation date 2026-11-23; empty: today. */
  on: string
  /** Performance year; 0: each document's own. */
  performance: number
  /** Only these schemes; empty: all. */
  schemes: string[]
}

export function noFigures(): Figures {
  return { facts: {}, skipped: [], on: '', performance: 0, schemes: [] }
}

export function anyFigures(f: Figures): boolean {
  return Object.keys(f.facts).length > 0 || f.skipped.length > 0
}

// The fragment is a version and URL-safe base64 of JSON: chat programs cut links at Chinese letters and
// brackets, and browsers and routers each escape an address in their own way; letters and digits survive them all.
const VERSION = '1.'
const MOST = 300
const LONGEST = 200

interface Packed {
  f?: [string, string][]
  s?: string[]
  o?: string
  y?: number
  c?: string[]
}

/** encodeFigures writes the fragment of a link, without its #; empty when there is nothing to carry. */
export function encodeFigures(f: Figures): string {
  const p: Packed = {}
  const facts = Object.entries(f.facts).filter(([, text]) => text)
  if (facts.length) p.f = facts
  if (f.skipped.length) p.s = f.skipped
  if (f.on) p.o = f.on
  if (f.performance) p.y = f.performance
  if (f.schemes.length) p.c = f.schemes
  if (!Object.keys(p).length) return ''
  const bytes = new TextEncoder().encode(JSON.stringify(p))
  const base64 = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
  return VERSION + base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** decodeFigures reads a fragment with or without its #; what it cannot read it leaves out. */
export function decodeFigures(fragment: string): Figures {
  const f = noFigures()
  const text = fragment.replace(/^#/, '')
  if (!text.startsWith(VERSION) || text.length > 100_000) return f
  let p: Packed
  try {
    const binary = atob(text.slice(VERSION.length).replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0))
    const read: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof read !== 'object' || read === null) return f
    p = read
  } catch {
    return f
  }
  if (Array.isArray(p.f))
    for (const pair of p.f.slice(0, MOST))
      if (Array.isArray(pair) && word(pair[0]) && word(pair[1]) && pair[0] !== '__proto__') f.facts[pair[0]] = pair[1]
  if (Array.isArray(p.s)) f.skipped = p.s.filter(word).slice(0, MOST)
  if (word(p.o) && /^\d{4}-\d{2}-\d{2}$/.test(p.o)) f.on = p.o
  if (typeof p.y === 'number' && Number.isInteger(p.y) && p.y > 1949 && p.y < 2200) f.performance = p.y
  if (Array.isArray(p.c)) f.schemes = p.c.filter((id) => word(id) && /^[^/]+\/[^/]+$/.test(id)).slice(0, MOST)
  return f
}

function word(x: unknown): x is string {
  return typeof x === 'string' && x !== '' && x.length <= LONGEST
}
