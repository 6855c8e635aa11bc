package policy

import "fmt"

// Answer is one of the five answers of a condition. Unknown never passes.
type Answer uint8

const (
	NotApplicable Answer = iota // the condition does not concern this party; leaves the operands of a group
	Met
	Unmet
	Unknown // a fact is missing
	Manual  // only a person's judgement is missing
)

var answerWords = [...]string{"not_applicable", "met", "unmet", "unknown", "manual"}

var answerLabels = [...]string{"不适用", "符合", "不符合", "待补充", "需人工判断"}

// String is the machine's word: met, unmet, unknown, manual, not_applicable.
func (a Answer) String() string { return answerWords[a] }

// Label is the word an officer reads: 符合, 不符合, 待补充, 需人工判断, 不适用.
func (a Answer) Label() string { return answerLabels[a] }

// MarshalText writes the machine's word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the machine's word.
func (a *Answer) UnmarshalText(b []byte) error {
	got, ok := ParseAnswer(string(b))
	if !ok {
		return fmt.Errorf("unknown answer")
	}
	*a = got
	return nil
}

// ParseAnswer reads the machine's word.
func ParseAnswer(s string) (Answer, bool) {
	for i, w := range answerWords {
		if w == s {
			return Answer(i), true
		}
	}
	return 0, false
}

// tally counts the answers of a group's operands.
type tally struct {
	met, unmet, unknown, manual int
	leave                       bool // an operand that is not decided yet may turn out not to apply
}

func (t *tally) add(a Answer) {
	switch a {
	case Met:
		t.met++
	case Unmet:
		t.unmet++
	case Unknown:
		t.unknown++
	case Manual:
		t.manual++
	}
}

func (t tally) operands() int { return t.met + t.unmet + t.unknown + t.manual }

// decide is the one counting rule of every group: n operands must be met.
// No operand left is not applicable; fewer operands left than n asks is for a person to decide.
func (t tally) decide(n int) Answer {
	left := t.operands()
	switch {
	case left == 0:
		return NotApplicable
	case left < n:
		return Manual
	case t.met >= n:
		return Met
	case t.met+t.manual+t.unknown < n:
		if t.leave && t.met+t.unmet < n { // too few may be left
			if t.unknown > 0 {
				return Unknown
			}
			return Manual
		}
		return Unmet
	case t.met+t.manual >= n:
		return Manual
	default:
		return Unknown
	}
}

// negate swaps met and unmet and keeps the rest.
func (a Answer) negate() Answer {
	switch a {
	case Met:
		return Unmet
	case Unmet:
		return Met
	default:
		return a
	}
}
