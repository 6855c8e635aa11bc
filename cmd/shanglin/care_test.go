package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// tamper changes a database behind everybody's back.
func tamper(t *testing.T, url, tenant, statement string) {
	t.Helper()
	inst, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	db := inst.Control()
	if tenant != store.ControlID {
		if db, err = inst.Tenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Write(store.In(t.Context(), db), func(ctx context.Context) error {
		_, err := store.Tx(ctx).NewRaw(statement).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// signsIn says whether a login and password open a session.
func signsIn(t *testing.T, url, tenant, login, password string) bool {
	t.Helper()
	inst, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	db, err := inst.Tenant(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	_, err = account.NewService(inst).SignIn(store.In(t.Context(), db), tenant, login, password, "192.0.2.1", "")
	return err == nil
}

// A county's life at the command line, on both databases: made, its schemes brought in, signed, backed up, restored into a database of the
// other kind, verified; and an edited row is found in the copy, in a county as in the control database.
//
// Mutations that turn this red: print the password that was given; make a tenant that is there again; restore over what is there;
// return 0 when verify finds something; leave the control database out of eachLog; go on with tables of an older program.
func TestLifeOfACounty(t *testing.T) {
	for i, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url, other := storetest.URL(t, kind), storetest.URL(t, storetest.Kinds[1-i])
			t.Setenv(storeVariable, url)
			const given = "given password 7"
			shanglin(t, given+"\n", "init", "--tenant", "east", "--name", "东县", "--place", "cixi", "--login", "boss", "--password-stdin").expect(t, 0,
				[]string{"已建立：东县（east）", "boss"}, []string{given, "初始密码"})
			shanglin(t, "", "init", "--tenant", "low", "--name", "下县", "--under", "ningbo", "--place", "cixi").expect(t, 2, []string{"只能写一样"}, nil)
			shanglin(t, "", "init", "--tenant", "low", "--name", "下县", "--under", "nowhere").expect(t, 1, []string{"没有登记"}, []string{"已建立"})
			made := shanglin(t, "", "init", "--tenant", "west", "--name", "西县")
			made.expect(t, 0, []string{"初始密码", "admin"}, nil)
			generated := regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`).FindString(made.out)
			if !signsIn(t, url, "east", "boss", given) || !signsIn(t, url, "west", "admin", generated) {
				t.Error("the administrators do not sign in")
			}
			shanglin(t, "", "init", "--tenant", "east", "--name", "东县").expect(t, 1, []string{"没有改动"}, []string{"初始密码"})
			for _, wrong := range [][]string{{"--tenant", "api", "--name", "x"}, {"--tenant", "x"}, {"--tenant", "y", "--name", "y", "--password-stdin"}} {
				shanglin(t, "", append([]string{"init"}, wrong...)...).expect(t, 2, nil, nil)
			}
			shanglin(t, "short", "init", "--tenant", "south", "--name", "南县", "--password-stdin").expect(t, 1, []string{"密码"}, []string{"short"})
			shanglin(t, given, "init", "--tenant", "south", "--name", "南县", "--password-stdin").expect(t, 0, []string{"南县"}, nil) // what failed is completed

			shanglin(t, "", "seed", "--tenant", "east", "--place", "cixi").expect(t, 0, []string{"没有变化"}, nil)
			shanglin(t, "", "seed", "--tenant", "west", "--place", "cixi", "--schemes", schemesFolder).expect(t, 0, []string{"新增：cixi/cx2025.yaml"}, nil)
			shanglin(t, "", "seed", "--tenant", "north", "--place", "cixi").expect(t, 1, []string{"east", "west"}, nil)
			shanglin(t, "", "migrate").expect(t, 0, []string{"3个"}, nil)

			dir := t.TempDir()
			key, checkpoints, backup := filepath.Join(dir, "key.pem"), filepath.Join(dir, "checkpoints.jsonl"), filepath.Join(dir, "backup")
			signed := shanglin(t, "", "audit", "checkpoint", "--key", key, "--out", checkpoints)
			signed.expect(t, 0, []string{"已生成密钥", "公钥："}, nil)
			public := strings.TrimSpace(signed.errs[strings.LastIndex(signed.errs, "公钥：")+len("公钥："):])
			verify := []string{"audit", "verify", "--checkpoints", checkpoints, "--trust", public}
			shanglin(t, "", verify...).expect(t, 0, []string{"控制库（control）", "东县（east）", "检查点2个，没有发现改动"}, []string{"问题", "检查点0个", "检查点1个"})
			if text, err := os.ReadFile(checkpoints); err != nil || strings.Count(string(text), `"tenant":"control"`) != 1 || strings.Count(string(text), "\n") != 4 {
				t.Errorf("checkpoints: %v\n%s", err, text)
			}

			shanglin(t, "", "backup", backup).expect(t, 0, []string{"已备份到"}, nil)
			if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the backup: %v %v", info, err)
			}
			shanglin(t, "", "backup", filepath.Join(dir, "nowhere", "backup")).expect(t, 1, nil, nil)
			shanglin(t, "", "restore", backup).expect(t, 1, nil, []string{"已恢复"}) // not over what is there
			shanglin(t, "", "restore", "--store", other, filepath.Join(dir, "nowhere")).expect(t, 1, []string{"打不开"}, nil)
			shanglin(t, "", "restore", "--store", other, backup).expect(t, 0, []string{"已恢复"}, nil)
			shanglin(t, "", append(verify, "--store", other)...).expect(t, 0, []string{"控制库（control）", "东县（east）", "西县（west）", "没有发现改动"}, []string{"问题"})
			if !signsIn(t, other, "east", "boss", given) || signsIn(t, other, "east", "boss", generated) {
				t.Error("in the copy, passwords are not what they were")
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
				t.Errorf("files left behind: %v", left)
			}

			tamper(t, other, "east", `UPDATE grants SET role = 'auditor'`)
			shanglin(t, "", append(verify, "--store", other)...).expect(t, 1, []string{"changed", "account"}, nil)
			shanglin(t, "", verify...).expect(t, 0, nil, []string{"问题"})
			shanglin(t, "", append(verify, "--tenant", "nowhere")...).expect(t, 1, nil, []string{"控制库"})

			// Somebody gives the boss the password of another, behind the system's back.
			tamper(t, url, store.ControlID, `UPDATE credentials SET password = (SELECT password FROM credentials WHERE tenant = 'west') WHERE login = 'boss'`)
			if !signsIn(t, url, "east", "boss", generated) {
				t.Error("the swapped password does not sign in: this test tampers with nothing")
			}
			shanglin(t, "", verify...).expect(t, 1, []string{"控制库（control）", "发现1处问题", "changed", "credential", "东县（east）", "没有发现改动"}, nil)
			shanglin(t, "", append(verify, "--tenant", "control")...).expect(t, 1, []string{"changed", "credential"}, []string{"东县"})
			shanglin(t, "", append(verify, "--tenant", "east")...).expect(t, 0, []string{"东县（east）", "没有发现改动"}, []string{"控制库"})
			tamper(t, url, store.ControlID, `UPDATE tenants SET name = '北县' WHERE id = 'west'`)
			shanglin(t, "", verify...).expect(t, 1, []string{"发现2处问题", "tenant west"}, nil)
			// The end of the control database's log is cut off, and everything made to fit: only the checkpoint outside can tell.
			tamper(t, other, store.ControlID, `DELETE FROM audit_events WHERE seq > 1`)
			tamper(t, other, store.ControlID, `UPDATE audit_head SET seq = 1, hash = (SELECT hash FROM audit_events WHERE seq = 1)`)
			shanglin(t, "", append(verify, "--store", other, "--tenant", "control")...).expect(t, 1, []string{"truncated", "检查点见过"}, nil)

			// Tables of an older program are not taken for a log that says nothing.
			tamper(t, other, store.ControlID, `DELETE FROM migrations WHERE version = 190`)
			for _, command := range [][]string{append(verify, "--store", other), {"audit", "checkpoint", "--store", other, "--key", filepath.Join(dir, "another.pem")}} {
				shanglin(t, "", command...).expect(t, 1, []string{"shanglin migrate"}, []string{"没有发现改动"})
			}
			if _, err := os.Stat(filepath.Join(dir, "another.pem")); err == nil {
				t.Error("a key was made for nothing")
			}
		})
	}
}

// Mutations that turn this red: write to the file itself; keep what was written when it fails.
func TestWriteWhole(t *testing.T) {
	name := write(t, "backup", "the last one")
	_, err := writeWhole(name, ownerOnly, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of it"); err != nil {
			return err
		}
		return errTooLarge
	})
	if !errors.Is(err, errTooLarge) {
		t.Error(err)
	}
	files, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(files) != 1 {
		t.Errorf("%v %v", files, err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "the last one" {
		t.Errorf("the last backup is now %q %v", text, err)
	}
}

func TestStoreThatCannotBe(t *testing.T) {
	for _, url := range []string{"mysql://x", "postgres://127.0.0.1:1/x", "sqlite:"} {
		shanglin(t, "", "migrate", "--store", url).expect(t, 1, []string{"错误"}, []string{"panic"})
	}
}

func TestOpenAPIAndVersion(t *testing.T) {
	got := shanglin(t, "", "openapi")
	var description struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(got.out), &description); err != nil || description.OpenAPI != "3.1.0" || len(description.Paths) < 20 {
		t.Errorf("%v %s %d", err, description.OpenAPI, len(description.Paths))
	}
	shanglin(t, "", "version").expect(t, 0, []string{"shanglin "}, nil)
}
