package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Cluster is a PostgreSQL server that lives as long as this process: on a socket in a directory of its own, no network, and, unless it
// is durable, nothing that would matter after a crash.
type Cluster struct {
	URL  string // its database postgres
	hold io.Closer
	done chan struct{}
}

// Env names the environment variable that holds the URL of a running cluster for tests to share.
const Env = "SHANGLIN_TEST_POSTGRES"

const installHint = "PostgreSQL 15 is needed for the tests and was not found: apt-get install postgresql-15"

// programs is the directory of the programs of the newest PostgreSQL that is installed, 15 or later.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, string(filepath.Separator))[4])
		return n
	}
	found = slices.DeleteFunc(found, func(path string) bool { return version(path) < 15 })
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) }) // 15 is what production has: the oldest that will do
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New(installHint)
}

// owner is whom the server runs as: nobody but root has to become somebody else, since PostgreSQL refuses to run as root.
func owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("PostgreSQL does not run as root and there is no user postgres: " + installHint)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// longestSocketDir leaves room for the socket's name in the 107 bytes that the kernel takes.
const longestSocketDir = 80

// The watchman stops the server and removes its directory when the pipe from this process ends, however this process ends.
const watchman = `trap '' INT TERM HUP
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
`

// StartCluster makes and starts a server; Stop it, or end the process. A durable one syncs every commit to the disk, as one that people
// rely on does: for benchmarks.
func StartCluster(durable bool) (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	credential, err := owner()
	if err != nil {
		return nil, err
	}
	parent := os.TempDir()
	if len(parent) > longestSocketDir-20 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "shanglin-pg-")
	if err != nil {
		return nil, err
	}
	if credential != nil {
		if err := os.Chown(dir, int(credential.Uid), int(credential.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir = dir
		c.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + dir}
		c.SysProcAttr = &syscall.SysProcAttr{Credential: credential, Setpgid: true}
		return c
	}
	watch := command("/bin/sh", "-c", watchman, "watchman", bin, dir)
	hold, err := watch.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := watch.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &Cluster{URL: "postgres://postgres@/postgres?host=" + dir, hold: hold, done: make(chan struct{})}
	go func() {
		watch.Wait()
		close(c.done)
	}()
	run := func(what *exec.Cmd) error {
		var said bytes.Buffer
		what.Stdout, what.Stderr = &said, &said
		if err := what.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s", filepath.Base(what.Path), err, said.String())
		}
		return nil
	}
	err = run(command(filepath.Join(bin, "initdb"), "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"))
	if err == nil {
		options := "-c listen_addresses='' -c unix_socket_directories=" + dir + " -c max_connections=300 -c shared_buffers=128MB -c log_min_messages=panic -c deadlock_timeout=20ms"
		if !durable {
			options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
		}
		start := command(filepath.Join(bin, "pg_ctl"), "-D", "data", "-w", "-t", "120", "-l", filepath.Join(dir, "log"), "-o", options, "start")
		if err = run(start); err != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			err = fmt.Errorf("%w\n%s", err, log)
		}
	}
	if err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// Stop stops the server, removes its directory and returns when both are done.
func (c *Cluster) Stop() {
	c.hold.Close()
	<-c.done
}
