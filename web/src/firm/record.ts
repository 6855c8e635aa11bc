import { inject, provide, ref, type InjectionKey, type Ref } from 'vue'
import { useLoad, type Load } from '@/api/load'
import { getParty, getVocabulary, type Stated } from '@/record/api'
import type { Change, Party, Vocabulary } from '@/record/types'
import { ownParties, ownParty } from '@/session'
import { here } from '@/tenant'

/** What the firm's pages share: who the firm is, the vocabulary, and what the last statement changed. */
interface Own {
  id: string
  party: Load<Party>
  vocabulary: Load<Vocabulary>
  changes: Ref<Change[] | undefined>
  saved: (stated: Stated) => void
  /** The address of a page of this firm: at('facts'). */
  at: (path?: string) => string
}

const key: InjectionKey<Own> = Symbol('own')

/** The firm that was looked at last. */
let last = ''

/** firmAt is the address of a page of a firm. */
export function firmAt(id: string, path = ''): string {
  return here(`firm/${encodeURIComponent(id)}${path && `/${path}`}`)
}

/** hereFirm is the address of a page of the account's own firm: the one looked at last, else the first; empty without one. */
export function hereFirm(path = ''): string {
  const own = ownParties().includes(last) ? last : ownParty()
  return own && firmAt(own, path)
}

export function provideOwn(id: string): Own {
  last = id
  const changes = ref<Change[]>()
  const own: Own = {
    id,
    party: useLoad((signal) => getParty(id, signal)),
    vocabulary: useLoad(() => getVocabulary()),
    changes,
    saved: (stated) => {
      changes.value = stated.changes
    },
    at: (path) => firmAt(id, path),
  }
  provide(key, own)
  return own
}

export function useOwn(): Own {
  const own = inject(key)
  if (!own) throw new Error('useOwn outside Firm.vue')
  return own
}
