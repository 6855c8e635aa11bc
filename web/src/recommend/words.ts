import type { Result } from './api'

type Standing = Result['lines'][number]['standing']

/** groups are what the lines of a result come to, in the order in which they are looked at. */
export const groups: { standing: Standing; title: string; note: string }[] = [
  { standing: 'missing', title: '推荐了，名单上没有', note: '核对后记为没有认定。' },
  { standing: 'known', title: '没有推荐，名单上有，本地名录里有', note: '以上级公布的为准，核对后同样记入。' },
  { standing: 'held', title: '没有推荐，名单上有，已持有有效的证书', note: '不再记。' },
  { standing: 'recommended', title: '推荐了，名单上有', note: '核对后记入证书和记录。' },
  { standing: 'unknown', title: '名单上有，本地名录里没有', note: '不记。' },
]

export interface Group {
  standing: Standing
  title: string
  note: string
  count: number
  lines: Result['lines']
}

/** grouped are the lines of a result by what they come to, without what there is none of. */
export function grouped(r: Result): Group[] {
  return groups.map((g) => ({ ...g, count: r[g.standing], lines: r.lines.filter((l) => l.standing === g.standing) })).filter((g) => g.count > 0)
}
