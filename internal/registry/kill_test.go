package registry_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// childEnv tells a child process of this test what to do: the installation's url and the import's id.
const childEnv = "SHANGLIN_REGISTRY_TEST_CHILD"

// A server that is killed with SIGKILL in the middle of writing an import leaves nothing visible and no damage; the next one resumes.
// Mutation: make the rows of an import visible as they are written (since = v) → red.
func TestKilledServer(t *testing.T) {
	if job := os.Getenv(childEnv); job != "" {
		child(t, job)
		return
	}
	storetest.EachURL(t, func(t *testing.T, ctx context.Context, url string) {
		inst := storetest.Open(t, ctx, url)
		db, err := inst.CreateTenant(ctx, store.Tenant{ID: storetest.TenantID, Name: "测试县"})
		if err != nil {
			t.Fatal(err)
		}
		r := open(t, store.In(ctx, db))
		i := r.upload(r.officer("", ""), registry.ImportFigures, r.many(1200, "1万元"))
		_, err = r.Commit(r.officer("", ""), i.ID, registry.AllOrNone)
		r.must(err)

		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestKilledServer$")
		cmd.Env = append(os.Environ(), childEnv+"="+url+" "+i.ID)
		out, err := cmd.StdoutPipe()
		r.must(err)
		r.must(cmd.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "written" {
		}
		r.must(cmd.Process.Kill())
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != 1000 {
			t.Fatalf("%d rows were written before the kill, want a chunk: the test proves nothing", n)
		}
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 0 {
			t.Errorf("%d facts are visible after the kill", n)
		}
		r.intact()
		r.must(r.Write(r.sys, i.ID, quiet))
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 2400 {
			t.Errorf("%d facts are visible after the import was resumed", n)
		}
		r.intact()
	})
}

// child writes one chunk of the import, says so, and waits to be killed.
func child(t *testing.T, job string) {
	url, id, _ := strings.Cut(job, " ")
	ctx := context.Background()
	inst, err := store.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	db, err := inst.Tenant(ctx, storetest.TenantID)
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, store.In(ctx, db))
	err = r.Write(r.sys, id, func(context.Context, int64, int64, string) error {
		fmt.Println("written")
		select {}
	})
	t.Fatalf("not killed: %v", err)
}
