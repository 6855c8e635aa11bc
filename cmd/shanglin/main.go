// Command shanglin is the platform in one binary: server, administration, and the tools for people who write scheme files.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// exitError ends the program with a code when everything there is to say has been said, or with what is left to say.
type exitError struct {
	code int
	say  string
}

func (e *exitError) Error() string { return e.say }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program, for main and for tests: 0 for success, 1 for failure, 2 for facts or a command line that cannot be used.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.say != "" {
			fmt.Fprintln(errs, exit.say)
		}
		return exit.code
	}
	fmt.Fprintln(errs, "错误："+explain(err))
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "shanglin",
		Short: "Industrial policy, from a published document to what a firm is due 上林：惠企政策一点通",
		Long: `Shanglin turns published policy into files that a machine can answer and an officer can read.
It tells a firm what it is entitled to, or exactly what it lacks, with the clause cited.

上林把公布的政策写成文件：企业能拿到什么、还差什么、依据哪一条，一查便知。

Write and try policy, with no server and no database:
  shanglin check schemes
  shanglin evaluate --schemes schemes --facts firm.yaml

Run it:
  shanglin serve --demo                      the demo county on http://localhost:8080
  shanglin init --tenant ID --name 名称       a county of your own, with its first administrator
  shanglin serve`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &exitError{2, fmt.Sprintf("%s\n%s --help shows what can be given.", err, cmd.CommandPath())}
	})
	root.AddGroup(
		&cobra.Group{ID: "policy", Title: "Policy files 政策文件:"},
		&cobra.Group{ID: "server", Title: "The server 运行:"},
		&cobra.Group{ID: "care", Title: "Looking after it 维护:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("policy", newCheck(), newTest(), newFormat(), newDiff(), newSchema(), newEvaluate(), newRating(), newExport(), newPublish(), newSimulate())
	add("server", newServe(), newInit(), newAdministrator(), newSeed(), newDemo())
	add("care", newBackup(), newRestore(), newMigrate(), newAudit(), newOpenAPI(), newVersion())
	return root
}

// args is one of cobra's checks of arguments, with exit code 2.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return &exitError{2, fmt.Sprintf("%s\n%s --help shows what can be given.", err, cmd.CommandPath())}
		}
		return nil
	}
}
