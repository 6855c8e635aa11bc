package audit_test

import (
	"testing"

	"shanglin/internal/platform/audit"
)

// Databases hold digests of both forms, which must stay as they are. What is wanted was made with sha256sum, over the bytes written by hand.
//
// Mutations: write lengths in 4 bytes; join the texts without lengths; keep < in JSON as it is.
func TestDigestsStayAsTheyAre(t *testing.T) {
	texts := []string{"慈溪", "", "a<b"}
	if got := audit.Digest(texts...); got != "b0b64bd3ea1f8899d57084b17b5f247e5c9e9861ab5251ae0fde5b723aaa3bed" {
		t.Errorf("with lengths: %s", got)
	}
	if got := audit.DigestJSON(texts...); got != "5ccef5f94d155ef726052142ae992d2a431e1e8d5a480e2e70331fe09059f618" {
		t.Errorf("in JSON: %s", got)
	}
}
