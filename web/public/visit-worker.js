// Lets the page of a visit open again without a connection. It keeps only what that page told it to keep, asks the server first whenever it can be
// reached, and forgets all of it when somebody signs out. What officers typed is not here: the page keeps that itself until it was sent.
const name = 'shanglin-visits'

async function keep(urls) {
  const cache = await caches.open(name)
  const wanted = new Set(urls.map((u) => new URL(u, self.location.origin).href))
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request)
  await Promise.all(
    [...wanted].map(async (url) => {
      if (new URL(url).pathname.startsWith('/assets/') && (await cache.match(url))) return // its name changes with its content
      const answer = await fetch(url, { credentials: 'same-origin' }).catch(() => undefined)
      if (answer?.ok) await cache.put(url, answer)
      else if (!(await cache.match(url))) throw new Error(`not kept: ${url}`)
    }),
  )
}

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()))
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('message', (event) => {
  const { keep: urls, forget } = event.data ?? {}
  const done = forget ? caches.delete(name) : urls ? keep(urls) : Promise.resolve()
  event.waitUntil(
    done.then(
      () => event.ports[0]?.postMessage('done'),
      () => event.ports[0]?.postMessage('failed'),
    ),
  )
})

async function answer(request, kept) {
  const found = async () => (await caches.open(name)).match(kept)
  if (new URL(kept).pathname.startsWith('/assets/')) {
    const asset = await found()
    if (asset) return asset
  }
  try {
    return await fetch(request)
  } catch (e) {
    const old = await found()
    if (old) return old
    throw e
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  const page = request.mode === 'navigate' && /^\/[^/]+\/desk\/visits(\/|$)/.test(url.pathname)
  const part = url.pathname.startsWith('/assets/') || url.pathname === '/mark.svg'
  const told = url.pathname === '/api/session' || /^\/api\/[^/]+\/about$/.test(url.pathname)
  if (page) event.respondWith(answer(request, new URL(`/${url.pathname.split('/')[1]}/`, url).href))
  else if (part || told) event.respondWith(answer(request, url.href))
})
