package registry

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type cellKind uint8

const (
	cellBlank cellKind = iota
	cellText
	cellNumber  // text is the plain decimal number, 15 significant digits as Excel keeps them
	cellPercent // a number shown as a percentage; text is the number before the % sign
	cellDate    // text is 2026-04-01
	cellBool    // text is 是 or 否
	cellFault   // #N/A and its like
	cellFormula
	cellTooLong
	cellControl // holds a NUL or another control character
)

// cell is one cell of a row that is not blank.
type cell struct {
	column int // from 0
	kind   cellKind
	text   string
}

// cellName is the name that a spreadsheet shows: B7. Column counts from 0, line from 1.
func cellName(column, line int) string { return letters(column) + strconv.Itoa(line) }

// letters is the name of a column: A, B … AA.
func letters(column int) string {
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
func kindOfFormat(id string, codes map[string]string) cellKind {
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
				return cellNumber
			case r == '%':
				return cellPercent
			case strings.ContainsRune("ymdhs", r):
				return cellDate
			}
		}
		return cellNumber
	}
	n, _ := strconv.Atoi(id)
	switch {
	case n == 9 || n == 10:
		return cellPercent
	case n >= 14 && n <= 22, n >= 27 && n <= 36, n >= 45 && n <= 47, n >= 50 && n <= 58:
		return cellDate
	}
	return cellNumber
}

// value reads a cell's raw text by its type and style.
func (w *workbook) value(typ, style, raw string, inline bool) (cellKind, string) {
	switch {
	case inline || typ == "inlineStr" || typ == "str":
		if !inline && len(raw) <= w.lim.text {
			raw = unescape(raw)
		}
	case typ == "s":
		n, err := strconv.Atoi(raw)
		if err != nil || n < 0 || n >= len(w.shared) {
			if raw == "" {
				return cellBlank, ""
			}
			return cellFault, ""
		}
		raw = w.shared[n]
	case typ == "b":
		if raw == "1" || raw == "true" {
			return cellBool, "是"
		}
		return cellBool, "否"
	case typ == "e":
		return cellFault, ""
	case typ == "d":
		if len(raw) >= 10 {
			return cellDate, raw[:10]
		}
		return cellFault, ""
	default:
		return w.number(style, raw)
	}
	if len(raw) > w.lim.text {
		return cellTooLong, ""
	}
	raw = strings.TrimFunc(raw, blank)
	if raw == "" {
		return cellBlank, ""
	}
	if strings.ContainsFunc(raw, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == unicode.ReplacementChar
	}) {
		return cellControl, ""
	}
	return cellText, raw
}

// blank says whether a character shows nothing.
func blank(r rune) bool {
	return unicode.IsSpace(r) || slices.Contains([]rune{'\u200b', '\ufeff', '\u2060'}, r)
}

func (w *workbook) number(style, raw string) (cellKind, string) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return cellBlank, ""
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f != f || f > 1e18 || f < -1e18 {
		return cellFault, ""
	}
	kind := cellNumber
	if s, err := strconv.Atoi(style); err == nil && s >= 0 && s < len(w.shown) {
		kind = w.shown[s]
	}
	switch kind {
	case cellDate:
		day, ok := dateOfSerial(f, w.epoch)
		if !ok {
			return cellFault, ""
		}
		return cellDate, day
	case cellPercent:
		return cellPercent, plainNumber(f, 2)
	}
	return cellNumber, plainNumber(f, 0)
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
