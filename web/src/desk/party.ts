import { computed, inject, type ComputedRef, type InjectionKey } from 'vue'
import type { Load } from '@/api/load'
import type { Party, Vocabulary } from '@/record/types'

export const partyKey: InjectionKey<{ party: Load<Party>; vocabulary: Load<Vocabulary> }> = Symbol('party')

/** useParty is the party of the frame around the page; the frame shows its pages only once both are there. */
export function useParty(): { party: ComputedRef<Party>; vocabulary: ComputedRef<Vocabulary> } {
  const frame = inject(partyKey)
  if (!frame) throw new Error('useParty outside PartyFrame.vue')
  return { party: computed(() => frame.party.data.value!), vocabulary: computed(() => frame.vocabulary.data.value!) }
}
