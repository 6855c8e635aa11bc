// Package fault is the one kind of error that people get to see: a code for machines, a sentence for people, details for forms.
// Any other error is "internal": it is logged and tells the person nothing.
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Code tells a machine what kind of failure it is.
type Code string

const (
	Invalid         Code = "invalid"         // what was sent is wrong; Details say where
	NotFound        Code = "not_found"       // there is no such thing, or the actor may not know of it
	Conflict        Code = "conflict"        // the state of things does not allow it, or somebody else was first
	Forbidden       Code = "forbidden"       // the actor may not do this
	Unauthenticated Code = "unauthenticated" // the actor has to sign in
	TooLarge        Code = "too_large"       // what was sent is larger than what is accepted
	TooMany         Code = "too_many"        // too many requests or attempts
	Unavailable     Code = "unavailable"     // something that is needed is not reachable now; trying again later may help
	Internal        Code = "internal"        // our mistake; the person learns nothing more
)

// internalMessage is all that a person is told of an error that is not a fault.
const internalMessage = "系统内部错误，请稍后再试。"

// Detail is one thing that is wrong, and where.
type Detail struct {
	Field   string `json:"field" doc:"the field, cell or file position"`
	Message string `json:"message" doc:"what is wrong there, for people"`
}

// At is a detail about a field.
func At(field, format string, a ...any) Detail {
	return Detail{Field: field, Message: fmt.Sprintf(format, a...)}
}

// Error is a failure that people see. Message is a Chinese sentence and never repeats what was sent. Err is the cause, for the log only.
type Error struct {
	Code    Code
	Message string
	Details []Detail
	Err     error
}

// New makes a fault without a cause.
func New(code Code, message string, details ...Detail) *Error {
	return &Error{Code: code, Message: message, Details: details}
}

// Wrap makes a fault with a cause for the log. It is not nil even when err is.
func Wrap(code Code, message string, err error) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// Error is what the log shows: code, sentence, details and cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Message)
	for _, d := range e.Details {
		fmt.Fprintf(&b, " [%s: %s]", d.Field, d.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of the first fault in err's chain, Internal for any other error and empty for nil.
// A request that its sender gave up is Unavailable: nothing is broken.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// Public is what a person may be told of err: the first fault in its chain without its cause, or a bare internal fault. Nil for nil.
func Public(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) && f.Code != Internal {
		return &Error{Code: f.Code, Message: f.Message, Details: f.Details}
	}
	if code := CodeOf(err); code == Unavailable {
		return New(code, "操作已中止，请稍后再试。")
	}
	return New(Internal, internalMessage)
}

// Under is err with the fields of its details named below another: "value" of the third line is "lines[2].value". An error that is no
// fault, or has no details, stays as it is.
func Under(err error, field string) error {
	var f *Error
	if !errors.As(err, &f) || len(f.Details) == 0 {
		return err
	}
	out := &Error{Code: f.Code, Message: f.Message, Err: f.Err}
	for _, d := range f.Details {
		out.Details = append(out.Details, Detail{Field: field + "." + d.Field, Message: d.Message})
	}
	return out
}
