package registry

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/fault"
)

// The unified social credit code (GB 32100-2015): 18 characters of 31, of which 9 to 17 are the organisation code of GB 11714
// with its own check character, and the last checks the whole.
const (
	codeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	codeLength   = 18
)

var (
	codeWeights         = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28} // 3^i mod 31
	organisationWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
)

// NormalCode writes a code as the register keeps it: narrow capitals without spaces. It does not check it.
func NormalCode(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '\u3000', '\u200b', '\ufeff':
			return -1
		}
		return r
	}, strings.ToUpper(norm.NFKC.String(text)))
}

// CheckCode says what is wrong with a normal code: its length, a character, or one of its two check characters.
// It returns an Invalid fault that does not repeat the code, or nil.
func CheckCode(code string) error {
	if len(code) != codeLength {
		return fault.New(fault.Invalid, "统一社会信用代码应为18位")
	}
	sum := 0
	for i := range codeLength {
		v := strings.IndexByte(codeAlphabet, code[i])
		if v < 0 {
			return fault.New(fault.Invalid, "统一社会信用代码只含数字和大写字母，且不用 I、O、S、V、Z")
		}
		if i < len(codeWeights) {
			sum += v * codeWeights[i]
		}
	}
	if codeAlphabet[(31-sum%31)%31] != code[17] {
		return fault.New(fault.Invalid, "统一社会信用代码校验位不符（GB 32100），请核对营业执照")
	}
	if !organisationCodeHolds(code[8:17]) {
		return fault.New(fault.Invalid, "统一社会信用代码第9至17位校验不符（GB 11714），请核对营业执照")
	}
	return nil
}

// organisationCodeHolds checks the nine characters of GB 11714, in which letters count from A = 10 without a gap.
func organisationCodeHolds(code string) bool {
	sum := 0
	for i, w := range organisationWeights {
		c := code[i]
		switch {
		case c >= '0' && c <= '9':
			sum += int(c-'0') * w
		case c >= 'A' && c <= 'Z':
			sum += (int(c-'A') + 10) * w
		default:
			return false
		}
	}
	switch check := 11 - sum%11; check {
	case 10:
		return code[8] == 'X'
	case 11:
		return code[8] == '0'
	default:
		return code[8] == byte('0'+check)
	}
}

// CompleteCode makes a valid code from its first 16 characters by appending both check characters; for generators of invented firms.
// ok is false if the 16 are not of the alphabet.
func CompleteCode(first16 string) (code string, ok bool) {
	if len(first16) != 16 {
		return "", false
	}
	for _, c := range []byte("0123456789X") {
		if organisationCodeHolds(first16[8:] + string(c)) {
			first17 := first16 + string(c)
			sum := 0
			for i := range codeWeights {
				v := strings.IndexByte(codeAlphabet, first17[i])
				if v < 0 {
					return "", false
				}
				sum += v * codeWeights[i]
			}
			return first17 + string(codeAlphabet[(31-sum%31)%31]), true
		}
	}
	return "", false
}
