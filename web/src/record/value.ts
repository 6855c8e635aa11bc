// The text of a fact's value: the language's literals (99900000元, 50%, 是, 省级, 2024-05-01) and how people type them.

import { tidyNumber, unitChoices } from '@/calculator/quantity'

const MULTIPLES: [string, number][] = [
  ['亿', 8],
  ['万', 4],
]

const LITERAL = /^(-?)(\d+)(?:\.(\d+))?(万|亿)?(.*)$/

interface Decimal {
  negative: boolean
  digits: bigint
  scale: number
}

function decimal(sign: string, whole: string, fraction: string, power: number): Decimal {
  const digits = whole + fraction
  const scale = fraction.length - power
  return scale >= 0
    ? { negative: sign === '-', digits: BigInt(digits), scale }
    : { negative: sign === '-', digits: BigInt(digits + '0'.repeat(-scale)), scale: 0 }
}

function write(d: Decimal, power: number, grouped: boolean): string {
  const scale = d.scale + power
  const all = d.digits.toString().padStart(scale + 1, '0')
  let whole = scale ? all.slice(0, -scale) : all
  const fraction = scale ? all.slice(-scale).replace(/0+$/, '') : ''
  if (grouped) whole = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${d.negative && d.digits ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`
}

/**
 * splitNumber takes a literal apart for a form: 99900000元 → 9990 and 万元. Nothing is rounded.
 * It is undefined when the text is not one number with a unit.
 */
export function splitNumber(text: string, unit = ''): { number: string; unit: string } | undefined {
  const m = LITERAL.exec(tidyNumber(text))
  if (!m) return undefined
  const [, sign = '', whole = '', fraction = '', multiple = '', rest = ''] = m
  if (rest !== unit) return undefined
  const power = MULTIPLES.find(([word]) => word === multiple)?.[1] ?? 0
  const d = decimal(sign, whole, fraction, power)
  const to = unitChoices(unit)[0] ?? unit
  return { number: write(d, to === `万${unit}` && unit ? 4 : 0, false), unit: to }
}

/** showValue writes a literal as a table would, exactly: 99900000元 → 9,990万元; anything else as it stands. */
export function showValue(text: string, unit = ''): string {
  const m = LITERAL.exec(tidyNumber(text))
  const own = unit || (m?.[5] ?? '')
  if (!m || m[5] !== own || /[\d-]/.test(own)) return text
  const [, sign = '', whole = '', fraction = '', multiple = ''] = m
  const power = MULTIPLES.find(([word]) => word === multiple)?.[1] ?? 0
  const d = decimal(sign, whole, fraction, power)
  const wan = own === '元' && d.digits >= 10n ** BigInt(4 + d.scale)
  return `${write(d, wan ? 4 : 0, true)}${wan ? '万元' : own}`
}
