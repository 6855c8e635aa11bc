package certificate

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	words := map[string]string{}
	for kind, label := range changeLabels {
		words["certificate."+kind] = label
	}
	audit.RegisterWords(kindCertificate, audit.Words{Label: "证书", Actions: words})
}
