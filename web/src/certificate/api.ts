// The calls of the register of certificates.

import { get, post, urlOf } from '@/api/client'
import type { components } from '@/api/schema'
import { tenant } from '@/tenant'

type S = components['schemas']

export type Certificate = S['Certificate']
export type CertificatePage = S['CertificatePage']
export type Verified = S['CertificateVerified']
export type State = Certificate['state']

export const getCertificates = (query: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  get('/api/{tenant}/certificates', { path: { tenant: tenant.id }, query, signal })

export const getCertificate = (id: string, signal?: AbortSignal) => get('/api/{tenant}/certificates/{id}', { path: { tenant: tenant.id, id }, signal })

export const verify = (number: string, signal?: AbortSignal) =>
  get('/api/{tenant}/certificates/verify', { path: { tenant: tenant.id }, query: { number }, signal })

export const codeUrl = (id: string): string => urlOf('/api/{tenant}/certificates/{id}/code.svg', { path: { tenant: tenant.id, id } })

/** beginAbout begins a case about a certificate, or finds the one that was begun. */
export const beginAbout = (round: string, scheme: string, certificate: string) =>
  post('/api/{tenant}/cases', { path: { tenant: tenant.id }, body: { round, scheme, certificate } })
