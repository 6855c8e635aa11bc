// What a department may say in joint review.
import type { Opinion } from './api'

export const stances = [
  { says: 'agree', word: '同意' },
  { says: 'conditional', word: '有条件同意' },
  { says: 'object', word: '不同意' },
] as const

/** stanceWord is an opinion in words; of one that is given and may not be seen yet, only that. */
export function stanceWord(o: Opinion): string {
  if (!o.given) return '还没有给出'
  if (!o.says) return '已给出'
  if (o.silent) return o.says === 'agree' ? '逾期未答复，视为同意' : '逾期未答复，算没有意见'
  return stances.find((s) => s.says === o.says)?.word ?? ''
}

const results: Record<string, string> = {
  waits: '还有部门没有给出意见',
  agreed: '意见一致',
  opposed: '按规则不同意',
  divided: '意见不一致',
  stopped: '没有全部给出就转走了',
}

export function resultWord(result: string): string {
  return results[result] ?? ''
}
