import { afterEach, describe, expect, it } from 'vitest'
import { setLocale } from '@/i18n'
import { layOut, said, waysOf, wrap, type Chart, type ChartArrow, type ChartNode } from './layout'

const node = (key: string, over: Partial<ChartNode> = {}): ChartNode => ({ key, title: key, public: `在${key}。`, kind: 'work', starts: false, line: 1, tasks: [], ...over })
const arrow = (from: string, to: string, title: string, over: Partial<ChartArrow> = {}): ChartArrow => ({ from, to, title, kind: 'action', main: false, letter: false, ...over })
const task = { who: '窗口（经办人）', limit: '5个工作日', source: '依据：某办法第九条', cited: true, lapse: '视为受理', pauses: ['补正'], besides: [] }

const chart: Chart = {
  flow: 'case', title: '一件申报',
  nodes: [node('填报', { starts: true }), node('收件', { tasks: [task] }), node('补正'), node('办结', { kind: 'end', ends: 'granted' })],
  arrows: [arrow('填报', '收件', '提交', { main: true }), arrow('收件', '补正', '一次性告知', { letter: true }), arrow('补正', '收件', '重新提交'), arrow('收件', '办结', '受理', { main: true }), arrow('收件', '办结', '视为受理', { kind: 'clock' })],
}

afterEach(() => setLocale('zh'))

describe('a chart', () => {
  // Mutation: give every box the height of one line → red.
  it('gives every stage a box of its own that holds its lines', () => {
    const p = layOut(chart)
    for (const [i, a] of p.nodes.entries()) {
      expect(a.height).toBeGreaterThanOrEqual(a.lines.length * 19)
      expect(a.x).toBeGreaterThanOrEqual(0)
      expect(a.x + a.width).toBeLessThanOrEqual(p.width)
      expect(a.y + a.height).toBeLessThanOrEqual(p.height)
      for (const b of p.nodes.slice(i + 1)) expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true)
    }
    const y = (key: string) => p.nodes.find((n) => n.node.key === key)!.y
    expect(y('填报')).toBeLessThan(y('收件'))
    expect(y('收件')).toBeLessThan(y('办结'))
  })

  it('draws the ways between the same two stages as one, and each of them is named', () => {
    expect(waysOf(chart.arrows)).toHaveLength(4)
    const both = layOut(chart).arrows.find((a) => a.key === '收件|办结')!
    expect(both.lines).toEqual(['受理', '视为受理'])
    expect(both.main).toBe(true)
    expect(layOut(chart).arrows.find((a) => a.key === '收件|补正')!.lines).toEqual(['一次性告知', '书面告知'])
  })

  it('says of a stage who, how long and after which law, and where it stands', () => {
    expect(said(chart.nodes[1]!, true).map((l) => l.text)).toEqual(['● 现在在这里', '收件', '窗口（经办人）', '时限：5个工作日内', '依据：某办法第九条', '逾期由系统按“视为受理”处理', '停表：补正'])
    expect(said(node('甲', { changed: 'changed' }))[0]).toEqual({ text: '◆ 有改动', tone: 'mark' })
    setLocale('en')
    expect(said(chart.nodes[3]!).map((l) => l.text)).toEqual(['办结', 'End: granted and paid'])
  })

  it('breaks a long text and loses nothing of it', () => {
    const text = '依据：劳务派遣行政许可实施办法（人社部令第19号）第九条'
    const lines = wrap(text, 16)
    expect(lines.join('')).toBe(text)
    expect(lines.length).toBe(2)
  })
})
