package store

import (
	"time"

	"github.com/google/uuid"
)

// NewID makes a UUIDv7 in text: 36 characters that rise with time. Ids always come from here, never from a database.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

const stampLayout = "2006-01-02T15:04:05.000000Z"

// Stamp writes a time as it is stored: UTC, 27 characters, microseconds, so that stamps sort as text.
func Stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// ParseStamp reads what Stamp wrote.
func ParseStamp(s string) (time.Time, error) { return time.Parse(stampLayout, s) }
