package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shanglin/internal/platform/store/storetest"
)

// change rewrites a text of a file.
func change(t *testing.T, name, old, new string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), old, new)
	if text == string(data) {
		t.Fatalf("%s does not say %q", name, old)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Exported, changed, checked, published, exported again: on both databases.
//
// Mutations that turn this red: overwrite what differs without being told; publish in a dry run or in spite of an error; leave
// the manifest out, so that a file of the export cannot be checked alone; forget who approved it.
func TestPoliciesGoOutAndIn(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Setenv(storeVariable, storetest.URL(t, kind))
			shanglin(t, "given password 7\n", "init", "--tenant", "east", "--name", "东县", "--place", "cixi", "--password-stdin").expect(t, 0, nil, nil)
			t.Chdir(t.TempDir())
			export := []string{"export", "--tenant", "east", "--out", "out"}
			shanglin(t, "", export...).expect(t, 0, []string{"写入：out/cixi/cx2025.yaml", "写入：out/chain.json", "覆盖0个"}, []string{"没有动"})
			for _, name := range []string{"cixi/cx2025.yaml", "national/vocabulary.yaml"} {
				want, err := schemeFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := os.ReadFile(filepath.Join("out", name)); err != nil || string(got) != want {
					t.Errorf("%s is not what was published: %v", name, err)
				}
			}
			shanglin(t, "", export...).expect(t, 0, []string{"写入0个，覆盖0个"}, []string{"写入："})
			shanglin(t, "", "check", "out").expect(t, 0, []string{"没有问题"}, nil)
			shanglin(t, "", "check", "out/cixi/cx2025.yaml").expect(t, 0, []string{"没有问题"}, nil)
			shanglin(t, "", "publish", "--tenant", "east", "out").expect(t, 0, []string{"没有差别"}, []string{"已发布（"})

			file := filepath.Join("out", "cixi", "cx2025.yaml")
			publish := []string{"publish", "--tenant", "east", "--approved-by", "张三", "--note", "降低门槛"}
			change(t, file, "增速门槛: 10%", "增速门槛: 9%")
			shanglin(t, "", append(publish, file)...).expect(t, 1, []string{"out/cixi/cx2025.yaml:37:113:", "错误: 例子与计算不符", "4处错误", "没有发布"}, []string{"已发布", "文件："})
			shanglin(t, "", "check", file).expect(t, 1, []string{"out/cixi/cx2025.yaml:37:113:", "4处错误"}, nil)
			dropLines(t, file, "gap: 0.01百分点", "gap: 1元")
			dry := shanglin(t, "", append(publish, "--dry-run", file)...)
			dry.expect(t, 0, []string{"更新 cixi/cx2025.yaml", "更新 cx2025/C001", "改了什么：", "【更宽】“当年营业收入的增长率”的要求由“不低于10%”改为“不低于9%”。", "条件：", "不低于10%", "不低于9%", "没有发布"}, []string{"已发布（", "C004", "处错误"})
			shanglin(t, "", append(export[:4:4], "again")...).expect(t, 0, nil, nil)
			if got, err := os.ReadFile("again/cixi/cx2025.yaml"); err != nil || !strings.Contains(string(got), "增速门槛: 10%") {
				t.Errorf("a dry run published: %v", err)
			}
			shanglin(t, "", append(publish, file)...).expect(t, 0, []string{"已发布"}, nil)

			// What stands in the folder is another now, and one more is not of the set.
			if err := os.WriteFile("again/cixi/mine.yaml", []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			export = append(export[:4:4], "again")
			shanglin(t, "", export...).expect(t, 1, []string{"内容不同：again/cixi/cx2025.yaml", "1个文件", "一份也没有写"}, []string{"vocabulary"})
			shanglin(t, "", append(export, "--overwrite")...).expect(t, 0, []string{"覆盖：again/cixi/cx2025.yaml", "没有动：again/cixi/mine.yaml", "覆盖1个"}, []string{"写入："})
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile("again/cixi/cx2025.yaml"); err != nil || string(got) != string(want) {
				t.Errorf("another text came out: %v", err)
			}

			// A vocabulary that others need may not go; the problems stand in files that were not named.
			shanglin(t, "", append(publish, "--remove", "national/vocabulary.yaml")...).expect(t, 1, []string{"错误", "没有发布"}, nil)
			shanglin(t, "", append(publish, "--remove", "national/miit-2026-2.yaml", "--remove", "national/miit-2026-117.yaml",
				"--remove", "out/national/miit-2022-63.yaml")...).expect(t, 0, []string{"撤下 national/miit-2026-2.yaml", "撤下 miit-2022-63", "已发布"}, nil)
			for _, wrong := range [][]string{{"publish", file}, {"publish", "--tenant", "east"}, {"publish", "--tenant", "east", "nowhere"}, {"export", "--tenant", "east"}} {
				shanglin(t, "", wrong...).expect(t, 2, nil, []string{"已发布"})
			}
			shanglin(t, "", "publish", "--tenant", "north", file).expect(t, 1, []string{"east"}, nil)
			shanglin(t, "", "publish", "--tenant", "east", "--remove", "cixi/none.yaml").expect(t, 1, []string{"不在现行文件中", "cixi/none.yaml："}, nil)
			shanglin(t, "", "publish", "--tenant", "east", "again/chain.json").expect(t, 1, []string{"again/chain.json：文件路径应为"}, nil)
			shanglin(t, "", "audit", "verify").expect(t, 0, []string{"没有发现改动"}, nil)
			tamper(t, os.Getenv(storeVariable), "east", `UPDATE scheme_publications SET approved_by = '李四' WHERE approved_by = '张三' AND published_by = '命令行'`)
			shanglin(t, "", "audit", "verify").expect(t, 1, []string{"scheme_publication"}, nil)
		})
	}
}

func schemeFile(name string) (string, error) {
	data, err := os.ReadFile(filepath.Join(schemesRoot, name))
	return string(data), err
}

// schemesRoot is the repository's scheme files, wherever a test runs.
var schemesRoot = func() string {
	abs, err := filepath.Abs(schemesFolder)
	if err != nil {
		panic(err)
	}
	return abs
}()

// dropLines deletes the lines of a file that hold one of the texts.
func dropLines(t *testing.T, name string, texts ...string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, l := range strings.Split(string(data), "\n") {
		keep := true
		for _, text := range texts {
			keep = keep && !strings.Contains(l, text)
		}
		if keep {
			kept = append(kept, l)
		}
	}
	if err := os.WriteFile(name, []byte(strings.Join(kept, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}
