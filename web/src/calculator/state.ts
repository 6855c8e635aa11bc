import { computed, onScopeDispose, reactive, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import { calculate, readWords, type CalculatorAnswer } from '@/api/portal'
import { useLoad } from '@/api/load'
import type { Need } from '@/api/types'
import { locale } from '@/i18n'
import { englishOf, fieldsToShow, needOf, type Words } from './ask'
import { noFigures, type Figures } from './figures'

const WAIT = 350
const OPEN = 6

/** useCalculator holds what was typed, asks the server a moment after the last change, and chooses the fields to show. */
export function useCalculator(tenant: Ref<string>, start: Figures) {
  const figures = reactive<Figures>({ ...noFigures(), ...start })
  const open = ref(OPEN)
  const focused = ref('')
  const shown = ref<string[]>([])
  const known = shallowReactive(new Map<string, Need>())
  const words = shallowRef<Words>()

  const answer = useLoad<CalculatorAnswer>(async (signal) => {
    const got = await calculate(
      tenant.value,
      {
        facts: { ...figures.facts },
        ...(figures.on && { on: figures.on }),
        ...(figures.performance && { performance: figures.performance }),
        ...(figures.schemes.length && { schemes: [...figures.schemes] }),
        ...(locale.value === 'en' && { lang: locale.value }),
      },
      signal,
    )
    for (const n of [...(got.ask ?? []), ...(got.results ?? []).flatMap((c) => c.result.missing ?? [])]) known.set(n.key, n)
    return got
  })

  const asked = computed(() => (answer.data.value?.ask ?? []).map((n) => n.key))
  const answered = computed(() => Object.keys(figures.facts))
  const unasked = computed(() => asked.value.filter((k) => !shown.value.includes(k) && !figures.skipped.includes(k)).length)

  /** What a key is: as the server asks for it, else as the vocabulary declares it. */
  function need(key: string): Need {
    return known.get(key) ?? needOf(key, words.value)
  }

  async function learnWords(): Promise<void> {
    if (words.value || (locale.value === 'zh' && answered.value.every((k) => known.has(k)))) return
    words.value = await readWords(tenant.value).catch(() => undefined)
  }

  function arrange(): void {
    shown.value = fieldsToShow(shown.value, answered.value, figures.skipped, asked.value, open.value, focused.value)
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    [figures, tenant, locale],
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void answer.reload(), WAIT)
    },
    { deep: true },
  )
  watch([answer.data, open, () => figures.skipped.length, () => figures.facts], arrange)
  watch([answer.data, locale], () => void learnWords())
  onScopeDispose(() => clearTimeout(timer))
  void answer.reload()
  arrange()

  return {
    figures,
    answer,
    shown,
    unasked,
    need,
    /** translated is a need's name in the reader's language, when that is not Chinese. */
    translated: (n: Need): string => (locale.value === 'en' ? englishOf(n, words.value) : ''),
    /** set records a text for a key; an empty one forgets it. */
    set(key: string, text: string): void {
      if (text) {
        figures.facts[key] = text
        if (!shown.value.includes(key)) shown.value.push(key)
      } else delete figures.facts[key]
    },
    /** skip: the visitor does not know it, so it is not asked again. */
    skip(key: string): void {
      delete figures.facts[key]
      if (!figures.skipped.includes(key)) figures.skipped.push(key)
      arrange()
    },
    /** ask puts a field on the page even if it was skipped or comes late in the order. */
    ask(key: string): void {
      figures.skipped = figures.skipped.filter((k) => k !== key)
      if (!shown.value.includes(key)) shown.value.push(key)
    },
    more(): void {
      open.value += OPEN
    },
    /** replace puts other figures in the place of all that was typed. */
    replace(f: Figures): void {
      Object.assign(figures, f)
      open.value = OPEN
      shown.value = []
      arrange()
    },
    focus(key: string): void {
      focused.value = key
      if (!key) arrange()
    },
  }
}
