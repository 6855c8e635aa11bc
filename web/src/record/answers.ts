// A party's answers, put in the order in which they matter.

import type { Amount, Need } from '@/api/types'
import type { PartyAnswer } from './types'

export interface Board {
  due: PartyAnswer[]
  close: PartyAnswer[]
  unknown: PartyAnswer[]
  manual: PartyAnswer[]
  not: PartyAnswer[]
  /** Fen that are owed exactly (the lower end where a range is open), and fen of 最高 ceilings: never added to each other. */
  owed: number
  ceiling: number
}

/** money is the figure by which an answer is sorted: what is due, or what could be. */
export function money(a: PartyAnswer): number {
  const amount = a.amount.kind === 'none' ? a.potential : a.amount
  return amount.kind === 'none' || amount.open ? amount.low : amount.high
}

function byMoney(a: PartyAnswer, b: PartyAnswer): number {
  return money(b) - money(a) || (a.scheme < b.scheme ? -1 : 1)
}

/** boardOf sorts the answers into what is due, close, unknown, to be judged by a person, and what does not apply. */
export function boardOf(answers: PartyAnswer[]): Board {
  const board: Board = { due: [], close: [], unknown: [], manual: [], not: [], owed: 0, ceiling: 0 }
  for (const a of [...answers].sort(byMoney)) {
    if (a.answer === 'manual') board.manual.push(a)
    else board[a.group].push(a)
    if (a.answer === 'met' && a.standing === 'in_force') {
      if (a.amount.kind === 'exact') board.owed += a.amount.high
      else if (a.amount.kind !== 'none' && !a.amount.open) board.ceiling += a.amount.high
    }
  }
  return board
}

export interface Question {
  need: Need
  schemes: PartyAnswer[]
}

/**
 * questionsOf lists every missing fact once, in the order that decides most money; a fact for which no scheme can pay
 * anything comes last. Facts that only a person can judge are not asked.
 */
export function questionsOf(answers: PartyAnswer[]): Question[] {
  const questions = new Map<string, Question>()
  for (const a of answers) {
    if (a.group === 'not') continue
    for (const need of a.missing) {
      if (need.type === 'judgement') continue
      const q = questions.get(need.key)
      if (q) q.schemes.push(a)
      else questions.set(need.key, { need, schemes: [a] })
    }
  }
  const stake = (q: Question): number => q.schemes.reduce((sum, a) => sum + (a.potential.open ? a.potential.low : a.potential.high), 0)
  return [...questions.values()].sort((a, b) => stake(b) - stake(a) || b.schemes.length - a.schemes.length)
}

/** pays says whether an amount is worth showing. */
export function pays(amount: Amount): boolean {
  return amount.kind !== 'none'
}
