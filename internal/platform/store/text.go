package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain says whether a text that people wrote may be kept: valid UTF-8 without control characters but the ends of lines.
func Plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' })
}
