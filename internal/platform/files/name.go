package files

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	longestName = 180 // bytes: file systems take 255, and whoever saves it may add to it
	unnamed     = "附件"
)

// cleanName makes of what a sender calls a file a name that can be shown and saved anywhere: no folder, nothing that is invisible or turns
// the direction of writing, no sign that a file system keeps for itself, not long, and with the ending of what the file is.
func cleanName(name string, t Type) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == '\u2028' || r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"|?*/`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(name, " .")
	stem, ending := name, known[t].endings[0]
	if given := path.Ext(name); slices.Contains(known[t].endings, strings.ToLower(given)) {
		stem, ending = strings.TrimSuffix(name, given), given
	}
	stem = strings.Trim(stem, " .")
	for len(stem)+len(ending) > longestName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = strings.TrimRight(stem[:len(stem)-n], " .")
	}
	if stem == "" {
		stem = unnamed
	}
	if device(stem) {
		stem = "_" + stem
	}
	return stem + ending
}

// device says whether Windows takes a name for a device whatever its ending.
func device(stem string) bool {
	first, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	switch first = strings.TrimSpace(first); {
	case slices.Contains([]string{"CON", "PRN", "AUX", "NUL"}, first):
		return true
	case len(first) == 4 && (strings.HasPrefix(first, "COM") || strings.HasPrefix(first, "LPT")):
		return first[3] >= '0' && first[3] <= '9'
	}
	return false
}
