package main

import (
	"strings"
	"testing"

	"shanglin/policy"
)

// TestTheMarkOfAConditionIsInTheReadersLanguage turns red when what a person judges is marked in Chinese to those who read English.
func TestTheMarkOfAConditionIsInTheReadersLanguage(t *testing.T) {
	manual := policy.Manual
	for lang, want := range map[policy.Lang]string{policy.Chinese: "人工 a\n  · b\n", policy.English: "to judge: a\n  · b\n"} {
		var b strings.Builder
		writeLine(&lines{w: &b}, lang.String(), policy.Line{Text: "a", Answer: &manual, Lines: []policy.Line{{Text: "b"}}}, 0)
		if b.String() != want {
			t.Errorf("%s: %q, want %q", lang, b.String(), want)
		}
	}
}
