package main

import (
	"strings"

	"shanglin/bench/columns/rows"
)

// hand is the million-row rule as the best Go that we know how to write for it: blocks, selection vectors that grow without a branch, the
// industries as a table over the dictionary, growth and share multiplied out, the award for the firms that are left alone.
func hand(x *rows.Rows, sel []int32) rows.Total {
	in := make([]bool, len(x.Codes))
	for i, c := range x.Codes {
		in[i] = strings.HasPrefix(c, "C38") || strings.HasPrefix(c, "C39") || strings.HasPrefix(c, "I65")
	}
	var t rows.Total
	const block = 1024
	for lo := 0; lo < len(x.Code); lo += block {
		hi := min(lo+block, len(x.Code))
		k := 0
		for i, c := range x.Code[lo:hi] {
			sel[k] = int32(i)
			k += bit(in[c])
		}
		n, heads := k, x.Head[0][lo:hi]
		k = 0
		for _, i := range sel[:n] {
			sel[k] = i
			k += bit(heads[i] >= 20)
		}
		n, k = k, 0
		debt := x.Share[0][lo:hi]
		for _, i := range sel[:n] {
			sel[k] = i
			k += bit(debt[i] <= 70)
		}
		n, k = k, 0
		now, before, research := x.Now[0][lo:hi], x.Before[0][lo:hi], x.Now[1][lo:hi]
		for _, i := range sel[:n] {
			sel[k] = i
			k += bit(now[i]*10 >= before[i]*11)
		}
		n, k = k, 0
		for _, i := range sel[:n] {
			sel[k] = i
			k += bit(now[i] >= 20_000_000)
		}
		n, k = k, 0
		for _, i := range sel[:n] {
			sel[k] = i
			k += bit(research[i]*100 >= now[i]*3)
		}
		t.Firms += k
		for _, i := range sel[:k] {
			t.Yuan += min((now[i]-before[i])/1_000_000*500, 300_000)
		}
	}
	return t
}

func bit(b bool) int {
	var n int
	if b {
		n = 1
	}
	return n
}
