// What the books call things, and what can be said of them without asking the server.

import { fenOf } from '@/case/money'
import { hasRole } from '@/session'
import type { Award, Batch, BankResult, Earmark, Entry, Payment, Receivable } from './api'

export const batchWords: Record<Batch['state'], string> = { draft: '待核准', approved: '已核准', sent: '已送银行', done: '已办结', cancelled: '已取消' }
export const lineWords: Record<Payment['state'], string> = { waiting: '待送银行', sent: '银行处理中', paid: '已支付', failed: '支付失败', held: '暂缓支付', dropped: '已移出' }
export const awardWords: Record<Award['state'], string> = { committed: '待拨付', paid: '已拨付', released: '已解除' }
export const resultWords: Record<BankResult['state'], string> = { staged: '待确认', applied: '已入账', cancelled: '已作废' }
export const kindWords: Record<Entry['kind'], string> = {
  appropriate: '安排预算', reduce: '调减预算', commit: '承诺', release: '解除承诺', order: '送银行', pay: '已支付', fail: '支付失败', correct: '更正',
}
export const bookWords: Record<Entry['lines'][number]['account'], string> = {
  appropriated: '预算拨入', available: '可用', committed: '已承诺', payable: '应付', paid: '已付',
}

export const useWords: Record<Earmark['uses'][number]['state'], string> = { stated: '待核对', accepted: '已认可', returned: '已退回', withdrawn: '已撤回' }

export const owedWords: Record<Receivable['state'], string> = { open: '待还', partly: '部分已还', settled: '已结清', written_off: '已核销' }
export const repaymentWords: Record<Receivable['repayments'][number]['state'], string> = { stated: '待确认', confirmed: '已确认', refused: '已退回登记' }
export const owedBookWords: Record<string, string> = { awarded: '已付', owed: '应收', returned: '已还', earned: '利息', lost: '核销' }

/** interestSaid says how a receivable bears interest, as its file says. */
export function interestSaid(r: Pick<Receivable, 'rate' | 'days' | 'starts'>): string {
  if (!r.rate) return '不计息'
  return `${r.rate}（${r.days === 1 ? '按日' : `按年，一年按${r.days}天`}），自${r.starts ?? ''}的次日起，按没有还的本金按天计`
}

/** untilSaid says by when it is to be paid. */
export const untilSaid = (r: Pick<Receivable, 'due'>): string => (r.due ? `${r.due}（当天退回不算逾期）` : '没有规定期限，请尽快退回')

/** pairs are the choices of a filter, in the order in which they are declared. */
export const pairs = (words: Record<string, string>): [string, string][] => Object.entries(words)

/** readsBooks says who reads the books: finance, leaders, auditors. */
export const readsBooks = (): boolean => hasRole('finance') || hasRole('leader') || hasRole('auditor')

/** share is how much of a whole something is, 0 to 100, for a bar; a whole of nothing has none. */
export function share(part: number, whole: number): number {
  if (whole <= 0) return 0
  return Math.min(100, Math.max(0, (part / whole) * 100))
}

/** sumProblem says what is wrong with a sum as it was typed; empty when it can be sent. most is what may be taken at most. */
export function sumProblem(text: string, most?: number): string {
  const fen = fenOf(text)
  if (fen === undefined || fen <= 0) return '请填写大于零的金额（元），最多两位小数'
  if (most !== undefined && fen > most) return '超过了还没有承诺的余额'
  return ''
}

/** numberProblem says what is wrong with the number of an account. */
export function numberProblem(text: string): string {
  return /^\d{8,32}$/.test(text.normalize('NFKC').replace(/[\s-]/g, '')) ? '' : '账号应为 8 至 32 位数字'
}

/** sumOf is how many lines of a batch are in a state, and their sum. */
export function sumOf(batch: Pick<Batch, 'sums'>, state: Payment['state']): { lines: number; amount: number } {
  const s = batch.sums.find((x) => x.state === state)
  return { lines: s?.lines ?? 0, amount: s?.amount ?? 0 }
}

/** waitsFor says what a batch waits for, to whoever may not take the step themselves. */
export function waitsFor(batch: Pick<Batch, 'state' | 'may' | 'prepared_by'>): string {
  const may = (step: string): boolean => batch.may.includes(step)
  if (batch.state === 'draft' && !may('approve')) return `等待核准：须由编制人（${batch.prepared_by}）以外的财政人员核准。`
  if (batch.state === 'approved' && !may('send')) return '已核准，等待财政人员送银行。'
  if (batch.state === 'sent' && !may('upload')) return '等待银行回执。'
  return ''
}

/** picked are the awards of an order: nothing when all of them go, so that the server gathers what there is. */
export function picked(all: readonly { id: string }[], left: ReadonlySet<string>): string[] | undefined {
  const ids = all.filter((a) => !left.has(a.id)).map((a) => a.id)
  return ids.length === all.length ? undefined : ids
}

/** signed is a movement with its sign: into an account or out of it. */
export const signed = (fen: number): '+' | '−' => (fen < 0 ? '−' : '+')
