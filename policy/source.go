package policy

import "strconv"

// Source says where a fact comes from. It stands beside an answer and never changes it.
type Source struct {
	ID       string `json:"id,omitempty"`       // the registry's id of the fact
	Origin   string `json:"origin,omitempty"`   // who said it: 市统计局, 企业申报
	Evidence string `json:"evidence,omitempty"` // on what: 2025年统计年报
	Verified bool   `json:"verified"`
	Disputed bool   `json:"disputed,omitempty"`
	Stated   Date   `json:"stated,omitempty"` // when it was said
}

// key is the same for sources that are the same.
func (s *Source) key() string {
	return s.ID + "\n" + s.Origin + "\n" + s.Evidence + "\n" + strconv.FormatBool(s.Verified) + strconv.FormatBool(s.Disputed)
}
