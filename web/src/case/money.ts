// Money as people type it at the desk: yuan, exact to the fen.

/** fenOf reads 4500, 4,500.5 or 12.34 as fen; undefined when it is no sum, or has more than two places. */
export function fenOf(text: string): number | undefined {
  const tidy = text.normalize('NFKC').replace(/[,\s]/g, '').replace(/元$/, '')
  const m = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(tidy)
  if (!m) return undefined
  return Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0') || '0')
}
