// A number and its unit, as typed and as a facts file writes it.

interface Quantity {
  number: string
  unit: string
}

/** unitChoices are the units one may type for a base unit; the first is the usual one. */
export function unitChoices(unit: string | undefined): string[] {
  if (unit === '元') return ['万元', '元', '亿元']
  return [unit ?? '']
}

/** tidyNumber turns full-width digits, commas and spaces into a plain number; what is no number stays as it is. */
export function tidyNumber(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[,\s，]/g, '')
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
}

export function isNumber(text: string): boolean {
  return /^-?\d{1,18}(\.\d{1,6})?$/.test(text)
}

/** readQuantity splits 9990万元 into its number and unit; undefined when it is not of that form. */
export function readQuantity(text: string): Quantity | undefined {
  const m = /^(-?[\d.]+)(\D*)$/.exec(tidyNumber(text))
  return m && isNumber(m[1]!) ? { number: m[1]!, unit: m[2]! } : undefined
}

/** writeQuantity is the text of a facts file, or undefined when the number is none. A unit typed with the number wins. */
export function writeQuantity(q: Quantity, choices: string[]): string | undefined {
  const typed = readQuantity(q.number)
  if (!typed) return undefined
  if (typed.unit && !choices.includes(typed.unit)) return undefined
  return typed.number + (typed.unit || q.unit)
}
