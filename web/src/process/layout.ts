// Where the parts of a diagram of a process stand. The layout library comes only with the page that draws one.
import { Graph, layout } from '@dagrejs/dagre'
import type { components } from '@/api/schema'
import { t } from './words'

type S = components['schemas']
export type Chart = S['Chart']
export type ChartNode = S['ChartNode']
export type ChartArrow = S['ChartArrow']

export type Tone = 'title' | 'who' | 'law' | 'promise' | 'more' | 'mark'
export interface Line {
  text: string
  tone: Tone
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}
export interface PlacedNode extends Box {
  node: ChartNode
  lines: Line[]
}
export interface PlacedArrow {
  key: string
  path: string
  kind: ChartArrow['kind']
  main: boolean
  label: Box
  lines: string[]
}
export interface Placed {
  width: number
  height: number
  nodes: PlacedNode[]
  arrows: PlacedArrow[]
}

export const LINE = 19
export const PAD = 10
const EM = 13
const WIDE = 16 // of a stage, in characters
const LABEL = 11

/** reach is how wide a text is, in Chinese characters. */
const reach = (text: string): number => Array.from(text).reduce((n, c) => n + (c.codePointAt(0)! < 0x2000 ? 0.56 : 1), 0)

/** wrap breaks a text into lines of at most so many Chinese characters; Latin words stay whole where they can. */
export function wrap(text: string, most: number): string[] {
  const out: string[] = []
  let line = ''
  for (const word of text.match(/[\u0021-\u1fff]+ ?|[\s\S]/gu) ?? []) {
    if (line && reach(line + word.trimEnd()) > most && !/^[，。；、：）》”]$/.test(word)) {
      out.push(line.trimEnd())
      line = ''
    }
    line += word
  }
  if (line.trim()) out.push(line.trimEnd())
  return out
}

/** waitsFor says what a stage waits for at which nobody acts. */
export const waitsFor = (n: ChartNode): string => (n.kind === 'system' ? t('system') : n.kind !== 'waits' ? '' : n.waits ? t('waits', { what: n.waits }) : t('waitsRound'))

/** said is what stands in the box of a stage. */
export function said(n: ChartNode, here = false): Line[] {
  const out: Line[] = []
  const add = (tone: Tone, text: string): void => {
    for (const l of wrap(text, tone === 'title' ? WIDE - 2 : WIDE)) out.push({ text: l, tone })
  }
  if (here) add('mark', `● ${t('here')}`)
  if (n.changed) add('mark', `◆ ${t(n.changed)}`)
  add('title', n.title)
  if (n.ends) add('who', t(n.ends))
  if (waitsFor(n)) add('who', waitsFor(n))
  for (const x of n.tasks) {
    add('who', (x.title ? `${x.title}：` : '') + x.who)
    if (x.limit) {
      add(x.cited ? 'law' : 'promise', t('limit', { limit: limitOf(x) }))
      add('more', x.source ?? '')
      add('more', x.lapse ? t('lapse', { action: x.lapse }) : t('reminds'))
    }
    if (x.pauses.length) add('more', t('pauses', { stages: x.pauses.join('、') }))
    if (x.besides.length) add('more', t('besides', { actions: x.besides.join('、') }))
  }
  if (n.joint) add('more', n.joint)
  return out
}

/** limitOf is how long a task may take. */
export const limitOf = (x: ChartNode['tasks'][number]): string => t(x.limit?.endsWith('前') ? 'dated' : 'within', { limit: x.limit ?? '' })

/** waysOf puts the arrows between the same two stages together. */
export function waysOf(arrows: ChartArrow[]): { from: string; to: string; list: ChartArrow[] }[] {
  const out: { from: string; to: string; list: ChartArrow[] }[] = []
  for (const a of arrows) {
    const same = out.find((x) => x.from === a.from && x.to === a.to)
    if (same) same.list.push(a)
    else out.push({ from: a.from, to: a.to, list: [a] })
  }
  return out
}

/** layOut places a chart from the top down. */
export function layOut(chart: Chart, here?: string): Placed {
  const g = new Graph()
  g.setGraph({ rankdir: 'TB', nodesep: 26, edgesep: 16, ranksep: 26, marginx: 8, marginy: 8 })
  g.setDefaultEdgeLabel(() => ({}))
  const boxes = new Map<string, Line[]>()
  for (const n of chart.nodes) {
    const lines = said(n, n.key === here)
    boxes.set(n.key, lines)
    g.setNode(n.key, { width: WIDE * EM + PAD * 2, height: lines.length * LINE + PAD * 2 })
  }
  const labels = new Map<string, string[]>()
  for (const w of waysOf(chart.arrows)) {
    const lines = w.list.flatMap((a) => [...wrap(a.title, LABEL), ...(a.document ? wrap(t('document', { name: a.document }), LABEL) : a.letter ? [t('letter')] : [])])
    labels.set(`${w.from}|${w.to}`, lines)
    const main = w.list.some((a) => a.main)
    g.setEdge(w.from, w.to, { width: Math.max(...lines.map(reach)) * (EM - 1) + 10, height: lines.length * 17 + 4, labelpos: 'c', weight: main ? 20 : 1, minlen: 1 })
  }
  layout(g)
  const nodes = chart.nodes.map((node): PlacedNode => {
    const b = g.node(node.key) as Required<Box>
    return { node, lines: boxes.get(node.key)!, width: b.width, height: b.height, x: b.x - b.width / 2, y: b.y - b.height / 2 }
  })
  const arrows = waysOf(chart.arrows).map((w): PlacedArrow => {
    const e = g.edge(w.from, w.to) as { points: { x: number; y: number }[] } & Required<Box>
    return {
      key: `${w.from}|${w.to}`,
      path: curve(e.points),
      kind: w.list[0]!.kind,
      main: w.list.some((a) => a.main),
      lines: labels.get(`${w.from}|${w.to}`)!,
      label: { width: e.width, height: e.height, x: e.x - e.width / 2, y: e.y - e.height / 2 },
    }
  })
  const { width = 0, height = 0 } = g.graph() as { width?: number; height?: number }
  return { width: Math.ceil(width), height: Math.ceil(height), nodes, arrows }
}

/** curve is a smooth line through points. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  let d = `M${first.x.toFixed(1)},${first.y.toFixed(1)}`
  for (let i = 0; i < rest.length - 1; i++) {
    const p = rest[i]!
    const q = rest[i + 1]!
    d += `Q${p.x.toFixed(1)},${p.y.toFixed(1)} ${(i === rest.length - 2 ? q.x : (p.x + q.x) / 2).toFixed(1)},${(i === rest.length - 2 ? q.y : (p.y + q.y) / 2).toFixed(1)}`
  }
  if (rest.length === 1) d += `L${rest[0]!.x.toFixed(1)},${rest[0]!.y.toFixed(1)}`
  return d
}
