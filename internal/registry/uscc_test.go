package registry

import (
	"strings"
	"testing"
)

// The samples of the reference, each checked by hand against both standards.
var validCodes = []string{
	"91330282671205242Y", "91330282796027937C", "91330282L07196379D", "12330282688011591A",
	"913302007900592330", "913302827369845089", "91330212772306827D", "91350200MA2YJ1XR9G",
}

// Mutations: weight 27 → 28 (three samples turn red), drop the GB 11714 check (the resealed one turns red),
// let 11-sum%11 = 11 be '1' (913302827369845089 needs no such case; the table of all remainders below does).
func TestCheckCode(t *testing.T) {
	for _, code := range validCodes {
		if err := CheckCode(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	bad := map[string]string{
		"invented":           "91330282MA12345678",
		"said to be real":    "91350203M0001QAY9B",
		"empty":              "",
		"short":              "9133028267120524",
		"long":               "91330282671205242Y0",
		"letter I":           "9133028267120524IY",
		"lower case":         "91330282671205242y",
		"multi-byte":         "９1330282671205242",
		"transposed":         "91330282671250242Y",
		"last changed":       "91330282671205242X",
		"NUL":                "9133028267120524\x00Y",
		"11714 wrong, 32100": reseal("91330282671205243"),
	}
	for name, code := range bad {
		err := CheckCode(code)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if code != "" && strings.Contains(err.Error(), code) {
			t.Errorf("%s: the message repeats what was sent", name)
		}
	}
}

// reseal gives 17 characters a right last character, so that only GB 11714 can refuse them.
func reseal(first17 string) string {
	sum := 0
	for i, w := range codeWeights {
		sum += strings.IndexByte(codeAlphabet, first17[i]) * w
	}
	return first17 + string(codeAlphabet[(31-sum%31)%31])
}

// One changed character is always found, whatever it is and wherever it stands.
func TestCheckCodeFindsEveryChange(t *testing.T) {
	for _, code := range validCodes {
		for i := range code {
			for _, c := range []byte(codeAlphabet) {
				if c == code[i] {
					continue
				}
				if changed := code[:i] + string(c) + code[i+1:]; CheckCode(changed) == nil {
					t.Errorf("%s accepted for %s", changed, code)
				}
			}
		}
	}
}

func TestCompleteCode(t *testing.T) {
	checks := map[byte]bool{}
	for i := range 200 {
		first := "91330282MA" + string([]byte{'0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)}) + "ABC"
		code, ok := CompleteCode(first)
		if !ok {
			t.Fatalf("no code for %s", first)
		}
		if err := CheckCode(code); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		checks[code[16]] = true
	}
	if len(checks) != 11 {
		t.Errorf("check characters seen: %d, want all 11", len(checks))
	}
	if _, ok := CompleteCode("9133028267120S2!"); ok {
		t.Error("a character outside the alphabet was accepted")
	}
}

func TestNormalCode(t *testing.T) {
	for in, want := range map[string]string{
		"９１３３０２８２６７１２０５２４２ｙ":       "91330282671205242Y",
		" 9133 0282 6712 05242y ":  "91330282671205242Y",
		"91330282671205242Y\ufeff": "91330282671205242Y",
		"":                         "",
	} {
		if got := NormalCode(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
