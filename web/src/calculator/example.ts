import { readScheme, type Calculation } from '@/api/portal'

const MOST = 6

/**
 * parseGiven reads one line of a worked example as a figure of the calculator: 2025年营业收入：9990万元 is
 * 营业收入@2025. A line that lists several records with their fields is left out.
 */
function parseGiven(line: string): [string, string] | undefined {
  const m = /^([^：]+)：([^，；\s]+)$/.exec(line.trim())
  if (!m) return undefined
  const yearly = /^(\d{4})年(.+)$/.exec(m[1]!)
  return [yearly ? `${yearly[2]}@${yearly[1]}` : m[1]!, m[2]!]
}

/**
 * exampleFigures puts together the invented figures of the schemes' own worked examples,
 * of those in force the ones that give money first; an earlier scheme's figure stands.
 */
export async function exampleFigures(tenant: string, results: Calculation[]): Promise<Record<string, string>> {
  const inForce = results.filter((c) => c.result.standing === 'in_force')
  const money = (c: Calculation): number => (c.scheme.kind === 'money' ? 0 : 1)
  const chosen = [...(inForce.length ? inForce : results)].sort((a, b) => money(a) - money(b)).slice(0, MOST)
  const views = await Promise.all(chosen.map((c) => readScheme(tenant, c.scheme.id, '', 'zh').catch(() => undefined)))
  const facts: Record<string, string> = {}
  for (const view of views)
    for (const line of view?.description.examples?.[0]?.given ?? []) {
      const figure = parseGiven(line)
      if (figure && !(figure[0] in facts)) facts[figure[0]] = figure[1]
    }
  return facts
}
