package policy

import "testing"

// Every sentence that the grammar says of a file, a node or a key is said in both languages, and nothing is kept in English that the grammar
// no longer says. Turns red when a line of inEnglish is emptied, taken out or left behind.
func TestGrammarSpeaksBothLanguages(t *testing.T) {
	used := map[string]bool{}
	both := func(where, chinese string) {
		used[chinese] = true
		if chinese == "" || inEnglish[chinese] == "" {
			t.Errorf("%s: %q has no English", where, chinese)
		}
	}
	for name, s := range shapes {
		if len(s.keys) > 0 || s.doc != "" {
			both(name, s.doc)
		}
		for _, k := range s.keys {
			both(k.name+" of "+name, k.doc)
		}
	}
	for chinese := range inEnglish {
		if !used[chinese] {
			t.Errorf("%q is no sentence of the grammar", chinese)
		}
	}
}
