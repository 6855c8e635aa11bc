import { ref } from 'vue'
import { en } from './en'
import { zh, type MessageKey } from './zh'

export type Locale = 'zh' | 'en'
export type { MessageKey }

const KEPT = 'shanglin.lang'

function kept(): Locale {
  try {
    return localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

export const locale = ref<Locale>('zh')

/** startLocale takes the language of the address (?lang=en), else the one chosen before, else Chinese. */
export function startLocale(search: string): void {
  const asked = new URLSearchParams(search).get('lang')
  setLocale(asked === 'en' || asked === 'zh' ? asked : kept())
}

export function setLocale(to: Locale): void {
  locale.value = to
  document.documentElement.lang = to === 'en' ? 'en' : 'zh-CN'
  try {
    localStorage.setItem(KEPT, to)
  } catch {
    // A browser that forbids storage still shows the chosen language until it is closed.
  }
}

/** t is the message of the chosen language with its {placeholders} filled. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  const message: string = (locale.value === 'en' ? en : zh)[key]
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}
