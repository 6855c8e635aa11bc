package spreadsheet

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a cell holds.
type Kind uint8

// Kinds of cell.
const (
	KindBlank Kind = iota
	KindText
	KindNumber  // text is the plain decimal number, 15 significant digits as Excel keeps them
	KindPercent // a number shown as a percentage; text is the number before the % sign
	KindDate    // text is 2026-04-01
	KindBool    // text is 是 or 否
	KindFault   // #N/A and its like
	KindFormula
	KindTooLong
	KindControl // holds a NUL or another control character
)

// Cell is one cell of a row that is not blank.
type Cell struct {
	Column int // from 0
	Kind   Kind
	Text   string
}

// CellName is the name that a spreadsheet shows: B7. Column counts from 0, line from 1.
func CellName(column, line int) string { return ColumnName(column) + strconv.Itoa(line) }

// ColumnName is the name of a column: A, B … AA.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// splitRef reads B7 as column 1, line 7.
func splitRef(ref string) (column, line int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	line, err := strconv.Atoi(ref[i:])
	return column - 1, line, i > 0 && err == nil && line > 0 && line <= 1<<20 && ref[i] != '+'
}

// kindOfFormat says how a number format shows a number.
func kindOfFormat(id string, codes map[string]string) Kind {
	if code, ok := codes[id]; ok {
		quoted, bracketed, escaped := false, false, false
		for _, r := range strings.ToLower(code) {
			switch {
			case escaped:
				escaped = false
			case r == '\\' || r == '_':
				escaped = true
			case r == '"':
				quoted = !quoted
			case quoted:
			case r == '[':
				bracketed = true
			case r == ']':
				bracketed = false
			case bracketed:
			case r == ';':
				return KindNumber
			case r == '%':
				return KindPercent
			case strings.ContainsRune("ymdhs", r):
				return KindDate
			}
		}
		return KindNumber
	}
	n, _ := strconv.Atoi(id)
	switch {
	case n == 9 || n == 10:
		return KindPercent
	case n >= 14 && n <= 22, n >= 27 && n <= 36, n >= 45 && n <= 47, n >= 50 && n <= 58:
		return KindDate
	}
	return KindNumber
}

// value reads a cell's raw text by its type and style.
func (w *Book) value(typ, style, raw string, inline bool) (Kind, string) {
	switch {
	case inline || typ == "inlineStr" || typ == "str":
		if !inline && len(raw) <= w.lim.Text {
			raw = unescape(raw)
		}
	case typ == "s":
		n, err := strconv.Atoi(raw)
		if err != nil || n < 0 || n >= len(w.shared) {
			if raw == "" {
				return KindBlank, ""
			}
			return KindFault, ""
		}
		raw = w.shared[n]
	case typ == "b":
		if raw == "1" || raw == "true" {
			return KindBool, "是"
		}
		return KindBool, "否"
	case typ == "e":
		return KindFault, ""
	case typ == "d":
		if len(raw) >= 10 {
			return KindDate, raw[:10]
		}
		return KindFault, ""
	default:
		return w.number(style, raw)
	}
	if len(raw) > w.lim.Text {
		return KindTooLong, ""
	}
	raw = strings.TrimFunc(raw, Blank)
	if raw == "" {
		return KindBlank, ""
	}
	if strings.ContainsFunc(raw, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == unicode.ReplacementChar
	}) {
		return KindControl, ""
	}
	return KindText, raw
}

// Blank says whether a character shows nothing.
func Blank(r rune) bool {
	return unicode.IsSpace(r) || slices.Contains([]rune{'\u200b', '\ufeff', '\u2060'}, r)
}

func (w *Book) number(style, raw string) (Kind, string) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return KindBlank, ""
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f != f || f > 1e18 || f < -1e18 {
		return KindFault, ""
	}
	kind := KindNumber
	if s, err := strconv.Atoi(style); err == nil && s >= 0 && s < len(w.shown) {
		kind = w.shown[s]
	}
	switch kind {
	case KindDate:
		day, ok := dateOfSerial(f, w.epoch)
		if !ok {
			return KindFault, ""
		}
		return KindDate, day
	case KindPercent:
		return KindPercent, plainNumber(f, 2)
	}
	return KindNumber, plainNumber(f, 0)
}

// plainNumber writes a float with the 15 significant digits that Excel keeps, without exponent, times ten to the power of shift.
func plainNumber(f float64, shift int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', 14, 64), "e")
	exp, _ := strconv.Atoi(exponent)
	exp += shift
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	if digits == "" {
		return "0"
	}
	switch {
	case exp < 0:
		return sign + "0." + strings.Repeat("0", -exp-1) + digits
	case len(digits) <= exp+1:
		return sign + digits + strings.Repeat("0", exp+1-len(digits))
	default:
		return sign + digits[:exp+1] + "." + digits[exp+1:]
	}
}

// dateOfSerial reads Excel's day number. Day 60 is 1900-02-29, which never was; earlier days are refused with it.
func dateOfSerial(serial float64, epoch int) (string, bool) {
	day := int(serial) + epoch
	if day <= 60 || day > 110_000 {
		return "", false
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day).Format(time.DateOnly), true
}

// unescape reads _x000D_ as the character that the file could not hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// refusal is why a cell cannot be read at all, or empty.
func (k Kind) refusal() string {
	switch k {
	case KindFormula:
		return "单元格是公式；请复制后用“选择性粘贴—数值”贴成结果再上传"
	case KindFault:
		return "单元格是错误值或读不懂的数字"
	case KindTooLong:
		return "内容过长"
	case KindControl:
		return "含有不可见的控制字符"
	}
	return ""
}

// Words reads a cell as words. The error is in Chinese and does not repeat the cell.
func (c Cell) Words() (string, error) {
	if why := c.Kind.refusal(); why != "" {
		return "", errors.New(why)
	}
	if c.Kind == KindPercent {
		return c.Text + "%", nil
	}
	return c.Text, nil
}

var (
	otherDate = regexp.MustCompile(`^(\d{4})[年/.](\d{1,2})[月/.](\d{1,2})日?$`)
	denseDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
)

// Date reads a cell as a day, 2026-04-01; whether there is such a day is the caller's to ask. Errors as Words.
func (c Cell) Date() (string, error) {
	if why := c.Kind.refusal(); why != "" {
		return "", errors.New(why)
	}
	switch c.Kind {
	case KindDate:
		return c.Text, nil
	case KindNumber, KindPercent, KindBool:
		return "", errors.New("不是日期；请把单元格设为日期格式，或写成文本 2024-05-01")
	}
	s := norm.NFKC.String(c.Text)
	for _, form := range []*regexp.Regexp{otherDate, denseDate} {
		if m := form.FindStringSubmatch(s); m != nil {
			month, _ := strconv.Atoi(m[2])
			day, _ := strconv.Atoi(m[3])
			return fmt.Sprintf("%s-%02d-%02d", m[1], month, day), nil
		}
	}
	return s, nil
}
