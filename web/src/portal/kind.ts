import { t, type MessageKey } from '@/i18n'

const known = ['money', 'recognition', 'honour', 'rating', 'licence', 'penalty', 'support', 'duty']

/** kindWord is what readers call a kind of scheme; one that this page does not know keeps its name. */
export function kindWord(kind: string): string {
  return known.includes(kind) ? t(`kind.${kind}` as MessageKey) : kind
}
