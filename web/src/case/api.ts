// The calls of applications, rounds, notices and objections.

import { del, get, post, put, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Instalments = S['CaseworkInstalments']
export type CaseRow = S['CaseworkCaseRow']
export type Form = S['CaseworkForm']
export type Draft = S['CaseworkDraft']
export type MaterialFile = S['CaseworkMaterialFile']
export type Marks = S['CaseworkMarks']
export type MarkItem = S['CaseworkMarkItem']
export type SelfMark = S['CaseworkSelfMark']
export type NewMark = S['CaseworkNewMark']
export type Opening = S['CaseworkOpening']
export type Application = S['CaseworkApplication']
export type Due = S['CaseworkDue']
export type Guide = S['CaseworkGuide']
export type Reply = S['CaseworkReply']
export type JointReview = S['CaseworkJointReview']
export type Opinion = S['CaseworkOpinion']
export type Sample = S['CaseworkSample']
export type Tally = S['CaseworkTally']
export type Round = S['CaseworkRound']
export type RoundDraft = S['CaseworkRoundDraft']
export type Process = S['CaseworkProcessRef']
export type Objection = S['CaseworkObjection']
export type Receipt = S['CaseworkReceipt']
export type View = S['ProcessView']
export type Option = S['ProcessOption']
export type Limit = S['ProcessLimit']
type Doing = S['CaseworkDoing']

function at<T extends object>(more: T = {} as T): { tenant: string } & T {
  return { tenant: tenant.id, ...more }
}

export const getOpenings = (party: string, signal?: AbortSignal) =>
  get('/api/{tenant}/parties/{id}/openings', { path: at({ id: party }), signal }).then((x) => x.items ?? [])

export const getDues = (party: string, signal?: AbortSignal) =>
  get('/api/{tenant}/parties/{id}/dues', { path: at({ id: party }), signal }).then((x) => x.items ?? [])

export const getCases = (query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/cases', { path: at(), query, signal })

export const beginCase = (round: string, scheme: string, party: string) =>
  post('/api/{tenant}/cases', { path: at(), body: { round, scheme, party } })

export const getCase = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}', { path: at({ id }), signal })
export const getForm = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/form', { path: at({ id }), signal })
export const saveDraft = (id: string, version: number, draft: Draft) =>
  put('/api/{tenant}/cases/{id}/draft', { path: at({ id }), body: { version, draft } })

export function attach(id: string, material: string, file: File) {
  const form = new FormData()
  form.set('material', material)
  form.set('file', file)
  return post('/api/{tenant}/cases/{id}/files', { path: at({ id }), body: form })
}
export const detach = (id: string, file: string) => del('/api/{tenant}/cases/{id}/files/{file}', { path: at({ id, file }) })
export const fileUrl = (id: string, file: string): string => urlOf('/api/{tenant}/cases/{id}/files/{file}', { path: at({ id, file }) })

export type Flow = 'cases' | 'rounds'

export function getProgress(flow: Flow, id: string, signal?: AbortSignal) {
  return flow === 'rounds'
    ? get('/api/{tenant}/rounds/{id}/progress', { path: at({ id }), signal })
    : get('/api/{tenant}/cases/{id}/progress', { path: at({ id }), signal })
}

export async function act(flow: Flow, id: string, doing: Doing): Promise<void> {
  if (flow === 'rounds') await post('/api/{tenant}/rounds/{id}/actions', { path: at({ id }), body: doing })
  else await post('/api/{tenant}/cases/{id}/actions', { path: at({ id }), body: doing })
}

export const getEvaluation = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/evaluation', { path: at({ id }), signal })
export const getFindings = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/cases/{id}/findings', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getJointReviews = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/cases/{id}/joint-reviews', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getMarks = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/marks', { path: at({ id }), signal })
export const setMarks = (id: string, marks: NewMark[]) => put('/api/{tenant}/cases/{id}/marks', { path: at({ id }), body: { marks } })
export const getMaterials = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/cases/{id}/materials', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getApplication = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/application', { path: at({ id }), signal })

export const getRounds = (query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds', { path: at(), query, signal })
export const getRound = (id: string, signal?: AbortSignal) => get('/api/{tenant}/rounds/{id}', { path: at({ id }), signal })
export const getGuide = (id: string, signal?: AbortSignal) => get('/api/{tenant}/rounds/{id}/guide', { path: at({ id }), signal })
/** openRound opens a standing item; a batch is opened by its process. */
export const openRound = (id: string, version: number) => post('/api/{tenant}/rounds/{id}/open', { path: at({ id }), body: { version } })
export const getSamples = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds/{id}/samples', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getTallies = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds/{id}/tallies', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getTally = (id: string, list: string, query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds/{id}/tallies/{list}', { path: at({ id, list }), query, signal })
export const tallyUrl = (id: string, list: string, query: Record<string, string | undefined>): string =>
  urlOf('/api/{tenant}/rounds/{id}/tallies/{list}/firms.xlsx', { path: at({ id, list }), query })
export const referFirm = (id: string, list: string, code: string) => post('/api/{tenant}/rounds/{id}/tallies/{list}/referrals', { path: at({ id, list }), body: { code } })
export const getCaseLists = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/cases/{id}/lists', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getReferrals = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/cases/{id}/referrals', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getInstalments = (id: string, signal?: AbortSignal) => get('/api/{tenant}/cases/{id}/instalments', { path: at({ id }), signal })
export const confirmMilestone = (id: string, milestone: string, evidence: string) =>
  post('/api/{tenant}/cases/{id}/milestones', { path: at({ id }), body: { milestone, evidence } })
export const namePayee = (id: string, party: string) => put('/api/{tenant}/cases/{id}/payee', { path: at({ id }), body: { party } })

/** getReply is what was answered in a case, or nothing yet. */
export const getReply = (id: string, signal?: AbortSignal): Promise<Reply | null> =>
  get('/api/{tenant}/cases/{id}/reply', { path: at({ id }), signal }).then((x) => x.reply ?? null)
export const getReplies = (query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/replies', { path: at(), query, signal })
export const makeRound = (draft: RoundDraft) => post('/api/{tenant}/rounds', { path: at(), body: draft })
export const changeRound = (id: string, version: number, draft: RoundDraft) =>
  put('/api/{tenant}/rounds/{id}', { path: at({ id }), body: { ...draft, version } })
export const getStages = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds/{id}/stages', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const getDecisions = (id: string, signal?: AbortSignal) =>
  get('/api/{tenant}/rounds/{id}/decisions', { path: at({ id }), signal }).then((x) => x.items ?? [])
export const checksUrl = (id: string): string => urlOf('/api/{tenant}/rounds/{id}/checks.xlsx', { path: at({ id }) })

export function sendChecks(id: string, file: File) {
  const form = new FormData()
  form.set('file', file)
  return post('/api/{tenant}/rounds/{id}/checks', { path: at({ id }), body: form })
}

export const getNotices = (query: Record<string, string | number | boolean | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/notices', { path: at(), query, signal })
export const getNotice = (id: string, signal?: AbortSignal) => get('/api/{tenant}/notices/{id}', { path: at({ id }), signal })
export const tableUrl = (id: string): string => urlOf('/api/{tenant}/notices/{id}/table.xlsx', { path: at({ id }) })
export const object = (id: string, form: FormData) => post('/api/{tenant}/notices/{id}/objections', { path: at({ id }), body: form })
export const track = (number: string, secret: string) => post('/api/{tenant}/objections/track', { path: at(), body: { number, secret } })
export const getObjections = (query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/objections', { path: at(), query, signal })
export const admit = (id: string, version: number, yes: boolean, reason: string) =>
  post('/api/{tenant}/objections/{id}/admission', { path: at({ id }), body: { version, yes, reason } })
/** unmask reads whom to ask about an application, or who objected; the reading is logged. */
export const unmask = async (of: 'cases' | 'objections', id: string, reason: string): Promise<string> => {
  const whom =
    of === 'cases'
      ? await post('/api/{tenant}/cases/{id}/unmask', { path: at({ id }), body: { reason } })
      : await post('/api/{tenant}/objections/{id}/unmask', { path: at({ id }), body: { reason } })
  return [whom.name, whom.contact, ...(whom.entries ?? []).map((e) => `${e.label}：${e.value}`)].filter(Boolean).join('，')
}
export const dispose = (id: string, version: number, yes: boolean, reason: string) =>
  post('/api/{tenant}/objections/{id}/disposal', { path: at({ id }), body: { version, yes, reason } })
export const objectionFileUrl = (id: string, file: string): string =>
  urlOf('/api/{tenant}/objections/{id}/files/{file}', { path: at({ id, file }) })
