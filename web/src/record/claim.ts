// Claims to firms and the people of a firm: shapes, calls, and opening a paper.
import { fileAt, get, keepFile, post, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']
export type Claim = S['RegistryClaim']
export type Capacity = Claim['capacity']
export type Membership = S['RegistryMembership']
export type FirmPeople = S['RegistryFirmPeople']
export type FirmPerson = S['RegistryFirmPerson']
export type Invitation = S['RegistryInvitation']
export type Paper = S['FilesFile']

export const capacities: Capacity[] = ['法定代表人', '经办人', '代理机构']

/** What may be attached to a claim, as the server says again. */
export const papers = { most: 5, size: 10 << 20, sum: 20 << 20, accept: '.pdf,.jpg,.jpeg,.png,.ofd' }

const at = (id: string): { tenant: string; id: string } => ({ tenant: tenant.id, id })

export const getClaim = (id: string, signal?: AbortSignal): Promise<Claim> => get('/api/{tenant}/claims/{id}', { path: at(id), signal })

export const decideClaim = (id: string, approve: boolean, reason: string): Promise<Claim> =>
  post('/api/{tenant}/claims/{id}/decide', { path: at(id), body: { approve, ...(reason ? { reason } : {}) } })

export const getPeople = (party: string, signal?: AbortSignal): Promise<FirmPeople> => get('/api/{tenant}/parties/{id}/people', { path: at(party), signal })

export const dismiss = (party: string, account: string, reason: string): Promise<FirmPeople> =>
  post('/api/{tenant}/parties/{id}/people/{account}/dismiss', { path: { ...at(party), account }, body: reason ? { reason } : {} })

export const appoint = (party: string, account: string): Promise<FirmPeople> =>
  post('/api/{tenant}/parties/{id}/people/{account}/principal', { path: { ...at(party), account }, body: {} })

const shown: Partial<Record<Paper['type'], string>> = { PDF: 'application/pdf', JPEG: 'image/jpeg', PNG: 'image/png' }

/**
 * openPaper shows a paper in a tab of its own, or saves it where a browser cannot show it. The server hands papers out as downloads only;
 * here it is given to the tab under the type that the server found in the content, never as a page.
 */
export async function openPaper(claim: string, paper: Paper): Promise<void> {
  const type = shown[paper.type]
  // Opened before anything is waited for: a browser allows it only in answer to the click.
  const tab = type ? window.open('', '_blank') : null
  try {
    const file = await fileAt(urlOf('/api/{tenant}/claims/{id}/evidence/{file}', { path: { ...at(claim), file: paper.id } }))
    if (!tab) return keepFile(file, paper.name)
    const url = URL.createObjectURL(new Blob([file], { type }))
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
    tab.opener = null
    tab.location.replace(url)
  } catch (e) {
    tab?.close()
    throw e
  }
}
