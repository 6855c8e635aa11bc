package schemes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func linesOf(text string) []line {
	var out []line
	for l := range strings.SplitSeq(text, "") {
		out = append(out, line{text: l})
	}
	return out
}

// marked writes a comparison as one word: -a removed, +a added, a the same.
func marked(lines []DiffLine) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(map[string]string{markRemoved: "-", markAdded: "+", markSame: ""}[l.Mark] + l.Text)
	}
	return b.String()
}

// Turns red when the beginning or the end that both texts share is counted twice, or what was removed comes after what took its place.
func TestCompareLines(t *testing.T) {
	for _, x := range []struct{ before, after, want string }{
		{"", "", ""},
		{"abc", "abc", "abc"},
		{"", "ab", "+a+b"},
		{"ab", "", "-a-b"},
		{"abc", "axc", "a-b+xc"},
		{"aa", "a", "a-a"},
		{"a", "aa", "a+a"},
		{"abcde", "abXde", "ab-c+Xde"},
		{"abcd", "bcda", "-abcd+a"},
		{"xaby", "xbay", "x-ab+ay"},
	} {
		if got := marked(compareLines(linesOf(x.before), linesOf(x.after))); got != x.want {
			t.Errorf("%q → %q: %s, want %s", x.before, x.after, got, x.want)
		}
	}
}

// Whatever two texts say, what is left of a comparison is the old text on one side and the new one on the other, with their line numbers.
// Turns red when a line is lost or numbered wrong, also where the texts are too large to be aligned.
func TestCompareLinesLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []line {
		out := make([]line, n)
		for i := range out {
			out[i] = line{r.IntN(2), fmt.Sprint(r.IntN(4))}
		}
		return out
	}
	for i := range 200 {
		size := 12
		if i == 0 {
			size = 3000 // beyond compareAtMost
		}
		a, b := text(r.IntN(size)+size/2), text(r.IntN(size)+size/2)
		var old, new []line
		for _, l := range compareLines(a, b) {
			if l.Mark != markAdded {
				if old = append(old, line{l.Depth, l.Text}); l.Old != len(old) {
					t.Fatalf("line %d of the old text is numbered %d", len(old), l.Old)
				}
			}
			if l.Mark != markRemoved {
				if new = append(new, line{l.Depth, l.Text}); l.New != len(new) {
					t.Fatalf("line %d of the new text is numbered %d", len(new), l.New)
				}
			}
		}
		if !slices.Equal(old, a) || !slices.Equal(new, b) {
			t.Fatalf("%v → %v came to %v → %v", a, b, old, new)
		}
	}
}

func TestAround(t *testing.T) {
	lines := compareLines(linesOf("abcdefghijklmnop"), linesOf("abcdefXhijklmnoY"))
	if got, clipped := around(lines, 2, 100); marked(got) != "ef-g+Xhino-p+Y" || clipped {
		t.Errorf("%s %v", marked(got), clipped)
	}
	if got, clipped := around(lines, 2, 3); marked(got) != "ef-g" || !clipped {
		t.Errorf("%s %v", marked(got), clipped)
	}
}
