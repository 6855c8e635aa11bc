import { asFault, Fault, faultOf } from './fault'

export interface Options {
  /** Values of the {placeholders} of the path. */
  path?: Record<string, string>
  /** Query parameters; empty and undefined ones are left out. */
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal
}

let csrf = ''
let onUnauthenticated: () => void = () => {}

/** setCsrf keeps the token that every change must carry while somebody is signed in. */
export function setCsrf(token: string): void {
  csrf = token
}

/** whenUnauthenticated is called when the server says that the session has ended. */
export function whenUnauthenticated(fn: () => void): void {
  onUnauthenticated = fn
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
  const q = query.toString()
  return q ? `${filled}?${q}` : filled
}

async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  let body: BodyInit | undefined
  if (options.body instanceof FormData) body = options.body
  else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf
  let response: Response
  try {
    response = await fetch(urlOf(path, options), { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  } catch (e) {
    if (options.signal?.aborted) throw e
    throw asFault(e)
  }
  const text = await response.text().catch(() => '')
  let content: unknown
  try {
    content = text ? JSON.parse(text) : undefined
  } catch {
    content = undefined
  }
  if (!response.ok) {
    if (response.status === 401) onUnauthenticated()
    throw faultOf(response.status, content)
  }
  if (text && content === undefined) throw faultOf(500, undefined)
  return content as T
}

export const get = <T>(path: string, options?: Options): Promise<T> => call<T>('GET', path, options)
export const post = <T>(path: string, options?: Options): Promise<T> => call<T>('POST', path, options)
export const put = <T>(path: string, options?: Options): Promise<T> => call<T>('PUT', path, options)
export const del = <T>(path: string, options?: Options): Promise<T> => call<T>('DELETE', path, options)
