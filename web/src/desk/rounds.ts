// What a round and its process say, in words.

import type { Process, Round } from '@/case/api'

/** periodWords is a time as a reader expects it: 5个工作日, 7日. */
const periodWords = (days: number, unit: string): string => `${days}${unit === '工作日' || unit === '月' ? '个' : ''}${unit}`

/** noticeWords says how long the public notices of a process run, each by itself where they differ. */
export function noticeWords(p: Process): string {
  const all = p.notices.map((n) => periodWords(n.days, n.unit))
  return new Set(all).size < 2 ? (all[0] ?? '') : p.notices.map((n, i) => `${n.action}${all[i]}`).join('、')
}

/** roundNotice says how long the public notices of a round run. */
export const roundNotice = (r: Round): string => (r.notice_days ? `公示${periodWords(r.notice_days, r.notice_unit)}（本批另定）` : r.process.notices.length ? `公示${noticeWords(r.process)}` : '')

/** defaults are the processes that the files of some schemes name, each with the schemes that do, in their order. */
export function defaults(schemes: { title: string; process?: string }[]): { process: string; titles: string[] }[] {
  const out: { process: string; titles: string[] }[] = []
  for (const s of schemes) {
    if (!s.process) continue
    const same = out.find((x) => x.process === s.process)
    if (same) same.titles.push(s.title)
    else out.push({ process: s.process, titles: [s.title] })
  }
  return out
}
