import { readScheme, type Calculation } from '@/api/portal'

const MOST = 6

/** parseGiven reads one line of a worked example (营业收入@2025：9990万元) as a figure of the calculator. */
export function parseGiven(line: string): [string, string] | undefined {
  const m = /^(.+?)\s*[:：]\s*(.+)$/.exec(line.trim())
  return m ? [m[1]!, m[2]!] : undefined
}

/**
 * exampleFigures puts together the invented figures of the schemes' own worked examples,
 * those in force first; an earlier scheme's figure stands.
 */
export async function exampleFigures(tenant: string, results: Calculation[]): Promise<Record<string, string>> {
  const inForce = results.filter((c) => c.result.standing === 'in_force')
  const chosen = (inForce.length ? inForce : results).slice(0, MOST)
  const views = await Promise.all(chosen.map((c) => readScheme(tenant, c.scheme.id, '').catch(() => undefined)))
  const facts: Record<string, string> = {}
  for (const view of views)
    for (const line of view?.description.examples?.[0]?.given ?? []) {
      const figure = parseGiven(line)
      if (figure && !(figure[0] in facts)) facts[figure[0]] = figure[1]
    }
  return facts
}
