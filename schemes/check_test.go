package schemefiles_test

import (
	"io/fs"
	"testing"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// load reads every scheme file of this folder.
func load(t *testing.T) *policy.Library {
	t.Helper()
	var files []policy.File
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, policy.File{Path: name, Data: data})
	}
	lib, problems := policy.Load(files)
	for _, p := range problems {
		t.Error(p)
	}
	return lib
}

// Turns red when a file has any problem, warnings too, or an example does not come out as it was worked by hand.
func TestFilesAndExamples(t *testing.T) {
	for _, p := range load(t).CheckExamples() {
		t.Error(p)
	}
}
