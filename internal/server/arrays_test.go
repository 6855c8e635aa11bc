package server

import (
	"encoding/json"
	"testing"
)

type leaf struct {
	Words []string `json:"words"`
	Raw   json.RawMessage
}

type tree struct {
	Name     string            `json:"name"`
	Leaf     *leaf             `json:"leaf"`
	Children []*tree           `json:"children"`
	Absent   []string          `json:"absent,omitempty"`
	ByName   map[string][]leaf `json:"by_name"`
	Any      any               `json:"any"`
	hidden   []string
}

// Mutations that turn this red: return v unchanged for a nil slice; write into the value that was given instead of a copy.
func TestWithoutNil(t *testing.T) {
	given := &tree{Name: "a", Leaf: &leaf{Raw: json.RawMessage("1")}, Children: []*tree{{Name: "b"}}, ByName: map[string][]leaf{"x": nil, "y": {{}}}, Any: leaf{}, hidden: nil}
	got, err := json.Marshal(withoutNil(given))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"a","leaf":{"words":[],"Raw":1},"children":[{"name":"b","leaf":null,"children":[],"by_name":{},"any":null}],` +
		`"by_name":{"x":[],"y":[{"words":[],"Raw":null}]},"any":{"words":[],"Raw":null}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if given.Leaf.Words != nil || given.Children[0].Children != nil || given.ByName["x"] != nil {
		t.Error("the value that was given was changed")
	}
	if full := (&tree{Children: []*tree{}, ByName: map[string][]leaf{}}); withoutNil(full) != any(full) {
		t.Error("a value without nil slices was copied")
	}
}
