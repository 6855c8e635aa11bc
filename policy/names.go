package policy

import "unicode"

func isNameStart(r rune) bool { return unicode.IsLetter(r) || r == '_' }

func isNamePart(r rune) bool { return isNameStart(r) || unicode.IsDigit(r) || r == '·' }

// isName says whether a text can be a name in an expression: a letter first, then letters, digits, _ and ·.
func isName(s string) bool {
	for i, r := range s {
		if i == 0 && !isNameStart(r) || !isNamePart(r) {
			return false
		}
	}
	return s != ""
}
