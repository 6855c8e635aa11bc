// Command cluster starts a PostgreSQL cluster for tests, runs a command with its address in SHANGLIN_TEST_POSTGRES, and stops it:
//
//	go run ./internal/platform/store/storetest/cluster -- go test ./...
//
// With -durable it syncs every commit to the disk, as a server that people rely on does: for benchmarks. It exits as the command does.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"shanglin/internal/platform/store/storetest"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	durable := len(args) > 0 && args[0] == "-durable"
	if durable {
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: cluster [-durable] -- COMMAND [ARGUMENT…]")
		return 2
	}
	c, err := storetest.StartCluster(durable)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer c.Stop()
	// The command gets the terminal's signals itself; this process has to outlive it to stop the server.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	command := exec.Command(args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), storetest.Env+"="+c.URL)
	if err := command.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM {
				command.Process.Signal(s)
			}
		}
	}()
	err = command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(1, exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
