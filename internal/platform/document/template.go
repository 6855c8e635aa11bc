package document

import (
	"slices"

	"shanglin/policy"
)

// FromTemplate is a document from a template whose places are filled, of an office, with its number and day.
func FromTemplate(t *policy.Template, office, number string, day policy.Date) *Document {
	d := &Document{Letter: t.Form == "letter", Letterhead: t.Letterhead, Number: number, Title: t.Title, To: t.To, Copies: t.Copies}
	if office != "" {
		d.Signature = Signature{Office: office, Day: day}
	}
	if len(t.Copies) > 0 {
		d.Printed = d.Signature
	}
	for _, b := range slices.Concat(t.Body, t.Remedy) {
		block := Block{Level: b.Level, Text: b.Text}
		if len(b.Rows) > 0 {
			block = Block{Table: &Table{Rows: b.Rows}}
		}
		d.Body = append(d.Body, block)
	}
	return d
}
