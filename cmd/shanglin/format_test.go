package main

import (
	"os"
	"path/filepath"
	"testing"
)

const (
	untidyFile = "vocabulary: 例 # 名\nrecords: {}\nterms:\n  指标: {unit: 元, of: 企业}\n"
	tidyFile   = "vocabulary: 例  # 名\nterms:\n  指标: {of: 企业, unit: 元}\nrecords: {}\n"
)

// TestFormatFiles: a folder's policy files are rewritten in place with their permissions, other files are left alone, and --check changes nothing.
// Mutations that turn it red: write with --check; exit 0 when something differs; format what is no policy file.
func TestFormatFiles(t *testing.T) {
	dir := t.TempDir()
	name, other := filepath.Join(dir, "v.yaml"), filepath.Join(dir, "other.yaml")
	for file, text := range map[string]string{name: untidyFile, other: "b: 1\na:   2\n"} {
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	is := func(file, want string) {
		t.Helper()
		data, err := os.ReadFile(file)
		if err != nil || string(data) != want {
			t.Errorf("%s %v", data, err)
		}
	}
	shanglin(t, "", "fmt", "--check", dir).expect(t, 1, []string{"v.yaml", "1个文件的版式不统一"}, []string{"other"})
	is(name, untidyFile)
	shanglin(t, "", "fmt", dir).expect(t, 0, []string{"v.yaml"}, []string{"other"})
	is(name, tidyFile)
	is(other, "b: 1\na:   2\n")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
	if got := shanglin(t, "", "fmt", "--check", dir); got.code != 0 || got.out != "" {
		t.Errorf("%+v", got)
	}
}

func TestFormatInput(t *testing.T) {
	if got := shanglin(t, untidyFile, "fmt", "-"); got.code != 0 || got.out != tidyFile {
		t.Errorf("%+v", got)
	}
	shanglin(t, untidyFile, "fmt", "--check", "-").expect(t, 1, []string{"版式不统一"}, []string{"vocabulary"})
	shanglin(t, "vocabulary: 例\n terms: x\n", "fmt", "-").expect(t, 1, []string{"标准输入:2:1: 错误: 不是合法的 YAML"}, nil)
	shanglin(t, "", "fmt", filepath.Join(t.TempDir(), "none.yaml")).expect(t, 1, []string{"没有这个文件"}, nil)
}
