package server

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

const openAPIFile = "../../api/openapi.json"

// Mutation that turns this red: add a field to any type that the API answers, and do not run `make generate`.
func TestOpenAPIFileIsNotStale(t *testing.T) {
	want, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/openapi.json is not what the Go types say: run make generate")
	}
	again, err := OpenAPI()
	if err != nil || !bytes.Equal(want, again) {
		t.Error("the description differs from run to run")
	}
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// Mutations that turn this red: embed an unexported struct of parameters (huma then reads none of them); let a list be null; name a
// type so that no program can use it; give two operations one id.
func TestOpenAPIDescribesEveryOperation(t *testing.T) {
	o := New(Options{}, newRooms(nil)).api.OpenAPI()
	seen := map[string]bool{}
	for path, item := range o.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch} {
			if op == nil {
				continue
			}
			where := method + " " + path
			if op.OperationID == "" || seen[op.OperationID] || op.Summary == "" || len(op.Tags) == 0 {
				t.Errorf("%s: needs an id of its own, a summary and a tag", where)
			}
			seen[op.OperationID] = true
			declared := map[string]bool{}
			for _, p := range op.Parameters {
				if p.In == "path" {
					declared[p.Name] = true
				}
				if p.In == "query" && p.Schema.Type == huma.TypeString && p.Schema.MaxLength == nil && len(p.Schema.Enum) == 0 {
					t.Errorf("%s: the parameter %s has no bound", where, p.Name)
				}
			}
			for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
				if !declared[m[1]] {
					t.Errorf("%s: {%s} is not read", where, m[1])
				}
			}
			if !strings.HasPrefix(path, "/api/{tenant}/") && !strings.HasPrefix(path, "/api/session") {
				t.Errorf("%s: belongs to no tenant", where)
			}
			if op.RequestBody != nil && op.MaxBodyBytes <= 0 {
				t.Errorf("%s: its body has no bound", where)
			}
		}
	}
	for name := range o.Components.Schemas.Map() {
		if identifier(name) != name {
			t.Errorf("the name %q is not one that a program can use", name)
		}
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if nullable := regexp.MustCompile(`"type":\["array","null"\]`).Find(text); nullable != nil {
		t.Error("a list can be null")
	}
	for _, away := range []string{"http://", "https://"} {
		if bytes.Contains(text, []byte(away)) {
			t.Errorf("the description names another place: %s", away)
		}
	}
}
