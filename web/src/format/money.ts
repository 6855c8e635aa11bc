const FEN = 100
const WAN = 10_000 * FEN
const YI = 10_000 * WAN

function grouped(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/**
 * formatMoney writes fen as a document would, exactly: 450000 → 4,500元, 30000000 → 30万元, 10 → 0.10元.
 * In English: CNY 4,500.
 */
export function formatMoney(fen: number, locale: 'zh' | 'en' = 'zh'): string {
  const sign = fen < 0 ? '-' : ''
  const abs = Math.abs(Math.round(fen))
  const yuan = grouped(Math.floor(abs / FEN))
  const rest = abs % FEN ? `.${String(abs % FEN).padStart(2, '0')}` : ''
  if (locale === 'en') return `${sign}CNY ${yuan}${rest}`
  if (abs >= YI && abs % (YI / 100) === 0) return `${sign}${trimmed(abs, YI)}亿元`
  if (abs >= WAN && abs % (WAN / 100) === 0) return `${sign}${trimmed(abs, WAN)}万元`
  return `${sign}${yuan}${rest}元`
}

/** trimmed divides by a unit with at most two decimals; abs is a multiple of unit/100, so nothing is lost. */
function trimmed(abs: number, unit: number): string {
  const hundredths = Math.round(abs / (unit / 100))
  const whole = grouped(Math.floor(hundredths / 100))
  const rest = hundredths % 100
  return rest ? `${whole}.${String(rest).padStart(2, '0').replace(/0$/, '')}` : whole
}
