import { inject, provide, ref, type InjectionKey, type Ref } from 'vue'
import { useLoad, type Load } from '@/api/load'
import { getParty, getVocabulary, type Stated } from '@/record/api'
import type { Change, Party, Vocabulary } from '@/record/types'

/** What the firm's pages share: who the firm is, the vocabulary, and what the last statement changed. */
export interface Own {
  id: string
  party: Load<Party>
  vocabulary: Load<Vocabulary>
  changes: Ref<Change[] | undefined>
  saved: (stated: Stated) => void
}

const key: InjectionKey<Own> = Symbol('own')

export function provideOwn(id: string): Own {
  const changes = ref<Change[]>()
  const own: Own = {
    id,
    party: useLoad((signal) => getParty(id, signal)),
    vocabulary: useLoad(() => getVocabulary()),
    changes,
    saved: (stated) => {
      changes.value = stated.changes
    },
  }
  provide(key, own)
  return own
}

export function useOwn(): Own {
  const own = inject(key)
  if (!own) throw new Error('useOwn outside Firm.vue')
  return own
}
