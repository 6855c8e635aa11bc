interface FaultDetail {
  field: string
  message: string
}

/**
 * A failed call: what the server said (code, message, details), or code 'network' when there was no answer.
 * The message is Chinese and meant for people.
 */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: FaultDetail[] = [],
    readonly status = 0,
  ) {
    super(message)
    this.name = 'Fault'
  }

  /** Trying the same again may succeed. */
  get retryable(): boolean {
    return ['network', 'unavailable', 'too_many', 'internal'].includes(this.code)
  }

  /** at is what is wrong with a field; empty when nothing is. */
  at(field: string): string {
    return this.details.find((d) => d.field === field)?.message ?? ''
  }

  /** among is what is wrong with each of the fields that a form shows. */
  among<F extends string>(fields: readonly F[]): Partial<Record<F, string>> {
    return Object.fromEntries(fields.map((f) => [f, this.at(f)]).filter(([, wrong]) => wrong)) as Partial<Record<F, string>>
  }
}

const byStatus: Record<number, [string, string]> = {
  400: ['invalid', '请求内容有误，请检查后再试。'],
  401: ['unauthenticated', '请先登录。'],
  403: ['forbidden', '您没有查看或办理此项的权限。'],
  404: ['not_found', '没有找到所要的内容。'],
  409: ['conflict', '内容已被他人更新，请刷新后再试。'],
  413: ['too_large', '内容过大，请减少后再试。'],
  422: ['invalid', '填写的内容有误，请检查后再试。'],
  429: ['too_many', '操作过于频繁，请稍后再试。'],
  503: ['unavailable', '系统暂时不可用，请稍后再试。'],
}

/** faultOf makes a Fault of an error answer's status and body, whatever the body is. */
export function faultOf(status: number, body: unknown): Fault {
  const [code, message] = byStatus[status] ?? ['internal', '系统出了问题，请稍后再试。']
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const details = Array.isArray(b.details)
    ? b.details.map((d) => ({ field: String(d?.field ?? ''), message: String(d?.message ?? '') }))
    : []
  return new Fault(
    typeof b.code === 'string' && b.code ? b.code : code,
    typeof b.message === 'string' && b.message ? b.message : message,
    details,
    status,
  )
}

/** asFault turns anything that was thrown into a Fault. */
export function asFault(e: unknown): Fault {
  if (e instanceof Fault) return e
  return new Fault('network', '网络不通，没有连上服务器。请检查网络后重试。')
}
