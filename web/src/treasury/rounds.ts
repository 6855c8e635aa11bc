// The rounds as choices of a filter.

import { computed, type ComputedRef } from 'vue'
import { useLoad, type Load } from '@/api/load'
import { getRounds, type Round } from '@/case/api'

interface RoundChoice {
  load: Load<Round[]>
  options: ComputedRef<[string, string][]>
}

/** useRounds asks for the latest two hundred rounds. */
export function useRounds(): RoundChoice {
  const load = useLoad<Round[]>((signal) => getRounds({ per: 200 }, signal).then((x) => x.items ?? []))
  void load.reload()
  return { load, options: computed(() => (load.data.value ?? []).map((r) => [r.id, `${r.title}（${r.number}）`])) }
}
