package main

import (
	"errors"
	"io"

	"shanglin/internal/platform/fault"
)

var errTooLarge = errors.New("larger than allowed")

// readLimited reads everything, unless it is larger than limit.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	return data, err
}

// explain is what a person at the command line is told of an error: a fault's own sentence with its details, else the error.
func explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := f.Message
	for _, d := range f.Details {
		text += "\n  " + d.Field + "：" + d.Message
	}
	if f.Err != nil {
		text += "\n  (" + f.Err.Error() + ")"
	}
	return text
}
