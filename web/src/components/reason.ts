import { locale } from '@/i18n'
import type { ReasonNode } from '@/api/types'

export type { ReasonNode } from '@/api/types'
export type { MessageKey } from '@/i18n'

/** leaf says that a node has no conditions below it. */
export function leaf(node: ReasonNode): boolean {
  return !node.children?.length
}

/** sentence is what a reader sees first: to those who read Chinese the document's own wording, else what the machine understood. */
export function sentence(node: ReasonNode): string {
  if (node.text && (locale.value === 'zh' || !leaf(node))) return node.text
  return leaf(node) || !['all', 'any', 'none', 'at_least'].includes(node.kind) ? node.read : ''
}
