// Package lot draws lots that anybody can draw once more on paper: names in the order of HMAC-SHA256 of each under a seed that is made with the
// draw, so that nobody can know before what comes of it.
package lot

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Seed makes the seed of a draw: 32 random bytes, as hex.
func Seed() string {
	seed := make([]byte, 32)
	rand.Read(seed)
	return hex.EncodeToString(seed)
}

// Order is names in the order in which they are drawn under a seed; the order in which they are given makes no difference. False for what is no seed.
func Order(seed string, names []string) ([]string, bool) {
	key, err := hex.DecodeString(seed)
	if err != nil || len(key) == 0 {
		return nil, false
	}
	type ticket struct {
		name string
		mac  []byte
	}
	tickets := make([]ticket, len(names))
	for i, n := range names {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(n))
		tickets[i] = ticket{n, h.Sum(nil)}
	}
	slices.SortFunc(tickets, func(a, b ticket) int {
		if c := bytes.Compare(a.mac, b.mac); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	out := make([]string, len(tickets))
	for i, t := range tickets {
		out[i] = t.name
	}
	return out, true
}
