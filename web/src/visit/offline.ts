// Makes the page of a visit open without a connection, where the browser can (https, or this machine itself).

function tell(worker: ServiceWorker, message: unknown): Promise<boolean> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = (e) => resolve(e.data === 'done')
    worker.postMessage(message, [channel.port2])
  })
}

/** keepPage asks the browser to keep this page with all that it has loaded; false: it cannot. */
export async function keepPage(tenant: string): Promise<boolean> {
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return false
  try {
    await navigator.serviceWorker.register('/visit-worker.js')
    const { active } = await navigator.serviceWorker.ready
    const parts = performance.getEntriesByType('resource').map((e) => new URL(e.name)).filter((u) => u.origin === location.origin && u.pathname.startsWith('/assets/'))
    const loaded = [...document.querySelectorAll<HTMLLinkElement | HTMLScriptElement>('link[href], script[src]')]
      .map((x) => new URL('src' in x ? x.src : x.href, location.href))
      .filter((u) => u.origin === location.origin)
    const at = encodeURIComponent(tenant)
    const urls = new Set([`/${at}/`, '/api/session', `/api/${at}/about`, ...[...parts, ...loaded].map((u) => u.pathname)])
    return !!active && (await tell(active, { keep: [...urls] }))
  } catch {
    return false
  }
}

/** forgetPages takes away what was kept, when somebody signs out. */
export async function forgetPages(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const active = (await navigator.serviceWorker.getRegistration('/'))?.active
  if (active) await tell(active, { forget: true })
}
