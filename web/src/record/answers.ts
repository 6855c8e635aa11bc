// A party's answers, put in the order in which they matter.

import type { Amount, Need } from '@/api/types'
import type { Standpoint, Standpoints } from './types'

interface Board {
  due: Standpoint[]
  close: Standpoint[]
  unknown: Standpoint[]
  manual: Standpoint[]
  not: Standpoint[]
  /** What obliges or punishes: nobody is entitled to it, and it waits for no fact. */
  rules: Standpoint[]
}

/** rules says whether a scheme obliges or punishes. */
const rules = (s: Standpoint): boolean => s.scheme.kind === 'duty' || s.scheme.kind === 'penalty'

/** boardOf keeps the server's order (by money) and takes apart what only a person's judgement is missing for, and what gives nothing. */
export function boardOf(items: Standpoint[]): Board {
  const board: Board = { due: [], close: [], unknown: [], manual: [], not: [], rules: [] }
  for (const s of items) board[rules(s) ? 'rules' : s.answer === 'manual' ? 'manual' : s.group].push(s)
  return board
}

/** A missing fact and the schemes that wait for it. */
export interface Question {
  need: Need
  schemes: Standpoint[]
}

/**
 * questionsOf keeps the server's order of missing facts, which decides most money first. A fact is asked only where it
 * can still help: not for a scheme that is unmet anyway; what only a person can judge is not asked, nor what an office states for everybody.
 */
export function questionsOf(answers: Pick<Standpoints, 'items' | 'ask'>): Question[] {
  const waiting = new Map(answers.items.filter((s) => s.group !== 'not' && s.group !== 'close' && !rules(s)).map((s) => [s.scheme.id, s]))
  return answers.ask
    .filter((need) => need.type !== 'judgement' && !need.regional)
    .map((need) => ({ need, schemes: (need.schemes ?? []).flatMap((id) => waiting.get(id) ?? []) }))
    .filter((q) => q.schemes.length > 0)
}

/** stake is the most that one scheme waiting for a fact may pay, in fen; 0 when none says. */
export function stake(q: Question): number {
  return Math.max(0, ...q.schemes.map((s) => (s.potential.open || s.potential.kind === 'none' ? 0 : s.potential.high)))
}

/** pays says whether an amount is worth showing. */
export function pays(amount: Amount): boolean {
  return amount.kind !== 'none'
}

/** named is how a document is cited: its title, and its number where that is known. */
export function named(document: { title: string; number: string; number_known: boolean }): string {
  return document.number_known && document.number ? `${document.title}（${document.number}）` : document.title
}
