package matching

import "testing"

// TestCellsAreNoFormulas: a firm's name that begins like a formula is written as text that stays text.
// Mutation: write a.Party.Name as it is → red.
func TestCellsAreNoFormulas(t *testing.T) {
	var a Affected
	a.Party.Name = `=HYPERLINK("x")`
	if got := cells(a)[1]; got != `'=HYPERLINK("x")` {
		t.Fatalf("%v", got)
	}
}
