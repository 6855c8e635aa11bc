import type { HttpMethod, JSONLike, OperationRequestBodyContent, PathsWithMethod, SuccessResponseJSON } from 'openapi-typescript-helpers'
import { asFault, Fault, faultOf } from './fault'
import type { paths } from './schema'

/** What an operation takes and answers, as the server describes it. */
type Operation<P extends keyof paths, M extends HttpMethod> = paths[P] extends Record<M, infer O extends object> ? O : never
type Parameters<O, K extends string> = O extends { parameters: Record<K, infer V> } ? V : O extends { parameters: Partial<Record<K, infer V>> } ? V : never
type Body<O> = O extends { requestBody?: never } ? never : JSONLike<{ 'application/json': OperationRequestBodyContent<O> }>
type Asks<O> = {
  path?: Parameters<O, 'path'>
  query?: Parameters<O, 'query'>
  body?: Body<O> | FormData
  signal?: AbortSignal
}
type Answered<O extends object> = SuccessResponseJSON<O>

interface Options {
  /** Values of the {placeholders} of the path. */
  path?: Record<string, string>
  /** Query parameters; empty and undefined ones are left out. */
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal
}

let csrf = ''
let stead = ''
let onUnauthenticated: () => void = () => {}
let signedIn: () => Promise<boolean> = () => Promise.resolve(true)

/** setCsrf keeps the token that every change must carry while somebody is signed in. */
export function setCsrf(token: string): void {
  csrf = token
}

/** callInStead makes every call of a tenant in the stead of an account; empty: in nobody's. */
export function callInStead(account: string): void {
  stead = account
}

/** whenUnauthenticated is called when the server says that the session has ended. */
export function whenUnauthenticated(fn: () => void): void {
  onUnauthenticated = fn
}

/**
 * askWhenRefused tells how to find out whether the session still lasts: the public is told of what it may not see that it is not there, so
 * to a page that worked a moment ago "not found" may mean that nobody is signed in any more.
 */
export function askWhenRefused(fn: () => Promise<boolean>): void {
  signedIn = fn
}

/** refusal is what an answer that is no success says. */
async function refusal(url: string, status: number, content: unknown): Promise<Fault> {
  const hidden = (status === 403 || status === 404) && url !== '/api/session' && !(await signedIn())
  if (status === 401 || hidden) onUnauthenticated()
  return hidden ? faultOf(401, undefined) : faultOf(status, content)
}

/** urlOf fills the placeholders of a path, each as one encoded segment, and appends the query. */
export function urlOf(path: string, options: Options = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = options.path?.[name]
    if (value === undefined || value === '') throw new Fault('invalid', '地址不完整。')
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== '') query.set(name, String(value))
  }
  if (stead && path.startsWith('/api/{tenant}/')) query.set('stead', stead)
  const q = query.toString()
  return q ? `${filled}?${q}` : filled
}

/** send asks the server. What it says is wrong is thrown as a Fault, and a session that has ended is told to whoever wants to know. */
async function send(method: string, url: string, options: Options, accept: string): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept }
  let body: BodyInit | undefined
  if (options.body instanceof FormData) body = options.body
  else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf
  let response: Response
  try {
    response = await fetch(url, { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  } catch (e) {
    if (options.signal?.aborted) throw e
    throw asFault(e)
  }
  if (response.ok) return response
  throw await refusal(url, response.status, await response.json().catch(() => undefined))
}

async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, urlOf(path, options), options, 'application/json')
  const text = await response.text().catch(() => '')
  if (!text) return undefined as T
  try {
    return JSON.parse(text) as T
  } catch {
    throw faultOf(500, undefined)
  }
}

export function get<P extends PathsWithMethod<paths, 'get'>>(path: P, asks?: Asks<Operation<P, 'get'>>): Promise<Answered<Operation<P, 'get'>>>
export function get(path: string, options?: Options): Promise<unknown> {
  return call('GET', path, options)
}

export function post<P extends PathsWithMethod<paths, 'post'>>(path: P, asks?: Asks<Operation<P, 'post'>>): Promise<Answered<Operation<P, 'post'>>>
export function post(path: string, options?: Options): Promise<unknown> {
  return call('POST', path, options)
}

export function put<P extends PathsWithMethod<paths, 'put'>>(path: P, asks?: Asks<Operation<P, 'put'>>): Promise<Answered<Operation<P, 'put'>>>
export function put(path: string, options?: Options): Promise<unknown> {
  return call('PUT', path, options)
}

export function del<P extends PathsWithMethod<paths, 'delete'>>(path: P, asks?: Asks<Operation<P, 'delete'>>): Promise<Answered<Operation<P, 'delete'>>>
export function del(path: string, options?: Options): Promise<unknown> {
  return call('DELETE', path, options)
}

/** fileAt is the file at an address of ours. */
export async function fileAt(url: string): Promise<Blob> {
  return (await send('GET', url, {}, '*/*')).blob()
}

/** postForFile posts and gives the answer as a file: for what is not handed out without a trace. */
export async function postForFile(path: PathsWithMethod<paths, 'post'>, options: Options = {}): Promise<Blob> {
  return (await send('POST', urlOf(path, options), options, '*/*')).blob()
}

/** keepFile hands a file to the browser, which saves it under the name. */
export function keepFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
