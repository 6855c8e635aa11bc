/** formatDate writes 2025-09-17 as 2025年9月17日, and 2025-09 or 2025 no closer than it is known (in English as it stands); empty stays empty. */
export function formatDate(date: string | undefined, locale: 'zh' | 'en' = 'zh'): string {
  const m = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?=$|[T ])/.exec(date ?? '')
  if (!m) return ''
  if (locale === 'en') return m[0]
  return `${m[1]}年${m[2] ? `${Number(m[2])}月` : ''}${m[3] ? `${Number(m[3])}日` : ''}`
}

/** formatDay is the day of a UTC timestamp in the county's time: 2026-11-23. */
export function formatDay(stamp: string | undefined): string {
  return formatTime(stamp).slice(0, 10)
}

/** formatTime writes a UTC timestamp in the county's time: 2026-11-23 17:45. */
export function formatTime(stamp: string | undefined): string {
  const t = new Date(stamp ?? '')
  if (Number.isNaN(t.getTime())) return ''
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(t)
  return parts
}
