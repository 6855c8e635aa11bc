// What is typed as the points of an indicator.

const points = /^(0|[1-9]\d{0,5})(\.\d{1,2})?$/

/** hundredths is points in hundredths: 2.5分 is 250; undefined for what is none. */
export function hundredths(text: string | undefined): number | undefined {
  const m = points.exec((text ?? '').replace(/[^\d.]+$/, '').trim())
  if (!m) return undefined
  return Number(m[1]) * 100 + Number(((m[2] ?? '').slice(1) + '00').slice(0, 2))
}

/** pointsWrong says what is wrong with points that were typed, below a full mark (3分); empty: nothing, or nothing is typed. */
export function pointsWrong(typed: string, full: string): string {
  const text = typed.trim()
  if (!text) return ''
  const n = points.test(text) ? hundredths(text) : undefined
  if (n === undefined) return '应填分数，最多两位小数，例如 1.5'
  return n > (hundredths(full) ?? Infinity) ? `不能超过满分${full}` : ''
}

/** same says whether two scores are the same points. */
export const same = (a: string | undefined, b: string | undefined): boolean => hundredths(a) === hundredths(b)
