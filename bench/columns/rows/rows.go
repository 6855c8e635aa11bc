// Package rows draws the firms that every engine is measured with. The same seed draws the same firms.
package rows

import (
	"fmt"
	"math/rand/v2"
)

// The terms of vocabulary.yaml, in the order of the columns below.
var (
	Money  = []string{"甲收入", "甲研发", "甲投资", "甲出口"}
	Shares = []string{"甲负债", "甲份额"}
	Heads  = []string{"甲职工", "甲技工"}
)

const Code = "甲行业"

// Rows are firms in columns.
type Rows struct {
	Before, Now [][]int64 // yuan of last year and of this, by term
	Share       [][]int32 // whole per cents
	Head        [][]int32
	Code        []uint16 // into Codes
	Codes       []string
}

// Draw draws n firms.
func Draw(n int, seed uint64) *Rows {
	r := rand.New(rand.NewPCG(seed, 12))
	x := &Rows{Code: make([]uint16, n)}
	for _, division := range []string{"C38", "C39", "I65", "C17", "C33", "F51"} {
		for i := range 40 {
			x.Codes = append(x.Codes, fmt.Sprintf("%s%d%d", division, 1+i/8, i%8))
		}
	}
	for range Money {
		x.Before, x.Now = append(x.Before, make([]int64, n)), append(x.Now, make([]int64, n))
	}
	for range Shares {
		x.Share = append(x.Share, make([]int32, n))
	}
	for range Heads {
		x.Head = append(x.Head, make([]int32, n))
	}
	for i := range n {
		x.Code[i] = uint16(r.IntN(len(x.Codes)))
		revenue := int64(500+r.IntN(20_000)) * 10_000
		for k := range Money {
			before := revenue
			if k > 0 {
				before = revenue * int64(r.IntN(9)) / 100
			}
			x.Before[k][i], x.Now[k][i] = before, before+before*int64(r.IntN(60)-20)/100
		}
		for k := range Shares {
			x.Share[k][i] = int32(r.IntN(100))
		}
		for k := range Heads {
			x.Head[k][i] = int32(r.IntN(200))
		}
	}
	return x
}

// Total is what a rule comes to.
type Total struct {
	Firms int
	Yuan  int64
}
