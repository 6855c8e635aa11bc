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

type Values = Record<string, string | number>

/** speaker makes a t() over one room's own messages, so that rooms do not share one long file. */
export function speaker<K extends string>(chinese: Record<K, string>, english: Record<K, string>): (key: K, values?: Values) => string {
  return (key, values = {}) => {
    const message: string = (locale.value === 'en' ? english : chinese)[key]
    return message.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
  }
}

/** t is the message of the chosen language with its {placeholders} filled. */
export const t = speaker<MessageKey>(zh, en)
