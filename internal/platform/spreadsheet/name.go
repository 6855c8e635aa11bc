package spreadsheet

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FileName is the name of a file that somebody sent, safe to show: no folder, no control character, not long.
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	if name == "." || name == "/" || name == "" {
		return "未命名.xlsx"
	}
	return name
}
