// The shapes of the JSON API by the names that pages use. They are the generated ones (npm run api writes
// schema.d.ts from the server's description), so what the server no longer says does not compile.
import type { components } from './schema'

type S = components['schemas']

export type Answer = S['Node']['answer']
export type Standing = S['Result']['standing']
/** Money in fen (1 元 = 100 fen) with its modality. */
export type Amount = S['Amount']
/** What the limits of one party leave of an amount. */
export type Left = S['Left']
export type Interpretation = S['Interpretation']
export type Gap = S['Gap']
/** One condition of a scheme: answered in Result.reasons, only described in a scheme's conditions. */
export type ReasonNode = S['Node']
export type Need = S['Need']
export type Explanation = S['Explanation']
export type ExplanationLine = S['Line']
/** The answer of one scheme for one party. */
export type Result = S['Result']
export type DocumentInfo = S['DocumentInfo']
export type About = S['ServerAbout']
export type Grant = S['AccountGrant']
export type Role = Grant['role']
export type Actor = S['AccountSelf']
