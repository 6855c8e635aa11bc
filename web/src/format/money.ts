const FEN = 100
const WAN = 10_000 * FEN
const YI = 10_000 * WAN

/**
 * formatMoney writes fen as a document would, exactly: 450000 → 4,500元, 30000000 → 30万元, 10 → 0.10元; in English: CNY 4,500.
 * The server writes amounts alike (policy.Fen); policy/testdata/money.json holds both to it.
 */
export function formatMoney(fen: number, locale: 'zh' | 'en' = 'zh'): string {
  const sign = fen < 0 ? '-' : ''
  const abs = Math.abs(Math.round(fen))
  if (locale === 'en') return `${sign}CNY ${yuan(abs)}`
  if (abs >= YI && abs % (YI / 100) === 0) return `${sign}${written(abs, YI, 2)}亿元`
  if (abs >= WAN && abs % FEN === 0) return `${sign}${written(abs, WAN, 4)}万元`
  return `${sign}${yuan(abs)}元`
}

/** written divides by a unit of which abs has no more places than given, so that nothing is lost. */
function written(abs: number, unit: number, places: number): string {
  const fraction = ((abs % unit) / (unit / 10 ** places)).toString().padStart(places, '0').replace(/0+$/, '')
  return Math.floor(abs / unit).toLocaleString('en-US') + (fraction ? `.${fraction}` : '')
}

/** yuan writes fen as yuan, with both places or none. */
function yuan(abs: number): string {
  return written(abs, FEN, 2).replace(/\.\d$/, '$&0')
}
