/** sumOf adds points exactly, as the server does: up to four decimals, undefined while one is missing or is no number. */
export function sumOf(points: string[]): string | undefined {
  let sum = 0n
  for (const p of points) {
    const m = /^(\d{1,6})(?:\.(\d{1,4}))?$/.exec(p.trim())
    if (!m) return undefined
    sum += BigInt(m[1]! + (m[2] ?? '').padEnd(4, '0'))
  }
  const text = sum.toString().padStart(5, '0')
  return `${text.slice(0, -4)}.${text.slice(-4)}`.replace(/\.?0+$/, '')
}
