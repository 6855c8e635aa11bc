// What the page offers; the server decides again on every call.

import type { Grant } from '@/api/types'
import { grants as heldGrants } from '@/session'

/** mayVouch says whether somebody signed in answers for facts of a department about a party of a town. */
export function mayVouch(department: string, town: string, grants: readonly Grant[] = heldGrants()): boolean {
  return grants.some(
    (g) => g.role === 'officer' && (!g.department || g.department === department) && (!g.town || g.town === town),
  )
}

/** speaksFor says whether the account is the firm's own. */
export function speaksFor(party: string, grants: readonly Grant[] = heldGrants()): boolean {
  return grants.some((g) => g.role === 'firm' && g.party === party)
}
