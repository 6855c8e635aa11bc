// A server for tests: answers fetch from a list of routes, keeps what was asked, and can hold an answer back.
import { vi } from 'vitest'

export interface Asked {
  method: string
  url: string
  body: unknown
  headers: Record<string, string>
}

type Answer = { status?: number; body?: unknown } | Error

/** serve replaces fetch; `answer` may return a promise that the test settles when it likes. */
export function serve(answer: (asked: Asked) => Answer | Promise<Answer>): Asked[] {
  const all: Asked[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const asked: Asked = {
      method: init.method ?? 'GET',
      url,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
      headers: (init.headers ?? {}) as Record<string, string>,
    }
    all.push(asked)
    const got = await answer(asked)
    if (got instanceof Error) throw got
    return new Response(got.body === undefined ? null : JSON.stringify(got.body), { status: got.status ?? 200 })
  })
  return all
}
