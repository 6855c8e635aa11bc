package policy

import "slices"

// Alone says why a claim for the scheme cannot be settled by itself, over what was awarded before: some limit puts the claims of several in
// an order or shares a sum among them, or its sum reads what another scheme of the round grants. Empty: it can. What comes first takes its
// part of such a limit first, which is what 先到先得 (earliest) says.
func (s *Scheme) Alone() string {
	if len(s.outcomes) > 0 {
		return "它的金额要看同一批其他条款的结果"
	}
	for _, x := range s.doc.lib.schemes {
		for i := range x.limits {
			l := &x.limits[i]
			if !slices.Contains(l.of, s.id) {
				continue
			}
			several := len(l.of) > 1 && l.stage == stageGroup && l.share != "earliest"
			if several || l.stage >= stageQuota && l.share != "earliest" {
				return l.text
			}
		}
	}
	return ""
}
