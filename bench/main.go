// Command bench drives Shanglin and, in the same run on the same machine, PocketBase, over HTTP on the loopback with many clients that
// keep their connections, and prints requests per second and latencies. It is a module of its own, so that Shanglin never depends on
// PocketBase:
//
//	go run . -shanglin ../bin/shanglin
//
// Shanglin runs as the program that people install, on SQLite and, when SHANGLIN_TEST_POSTGRES names a cluster, on PostgreSQL; PocketBase
// as a process of its own with its defaults. Each is alone while it is measured; the clients share the machine with it.
//
// What is set beside what. Submitting an application is much more than creating a record: Shanglin reads the form anew and refuses what is
// incomplete, states the figure that the firm declares, evaluates the scheme with all its reasons, pins every fact it rests on, numbers the
// case, closes and opens tasks with their time limits, notifies the office, appends to the hash-chained audit log with a digest of every
// row that it changed, all in one transaction; afterwards it computes the firm's answers to every scheme anew. PocketBase checks a rule
// and writes one row of as many fields, with as many indexes. The ratio says what all that costs. The two lists are alike: a filter, an
// order, a page, and the rule of who may see what; Shanglin's adds the titles of stage, scheme and round.
//
// Durability: Shanglin syncs every commit to the disk (SQLite synchronous=FULL; PostgreSQL as scripts/bench starts it, fsync=on);
// PocketBase's default is synchronous=NORMAL, which may lose the last commits when the power fails.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var o options
	flag.StringVar(&o.shanglin, "shanglin", "../bin/shanglin", "the program to measure")
	flag.IntVar(&o.clients, "clients", 16, "how many clients there are at once")
	flag.IntVar(&o.firms, "firms", 512, "how many firms apply, each with an account of its own; a multiple of the clients")
	flag.IntVar(&o.rounds, "rounds", 4, "in how many rounds each firm applies")
	flag.IntVar(&o.reads, "reads", 2048, "how often each page is read")
	serve := flag.String("serve-pocketbase", "", "be PocketBase, with its data in this directory")
	at := flag.String("at", "", "where PocketBase listens")
	flag.Parse()
	var err error
	if *serve != "" {
		err = servePocketBase(*serve, *at, o)
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	shanglin                      string
	clients, firms, rounds, reads int
}

func run(ctx context.Context, o options) error {
	if o.clients < 1 || o.firms < o.clients || o.firms%o.clients != 0 || o.rounds < 1 {
		return fmt.Errorf("%d firms cannot be shared out among %d clients", o.firms, o.clients)
	}
	dir, err := os.MkdirTemp("", "shanglin-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%d clients; %d firms, each with an account, each applies in %d rounds: %d applications; every page read %d times\n",
		o.clients, o.firms, o.rounds, o.firms*o.rounds, o.reads)
	sqlite, err := measureShanglin(ctx, o, "Shanglin on SQLite", "sqlite:"+dir+"/shanglin")
	if err != nil {
		return err
	}
	base, err := measurePocketBase(ctx, o, dir+"/pocketbase")
	if err != nil {
		return err
	}
	sqlite.beside(base)
	cluster := os.Getenv("SHANGLIN_TEST_POSTGRES")
	if cluster == "" {
		fmt.Println("no PostgreSQL: SHANGLIN_TEST_POSTGRES names no cluster")
		return nil
	}
	url, drop, err := freshDatabase(ctx, cluster)
	if err != nil {
		return err
	}
	defer drop()
	postgres, err := measureShanglin(ctx, o, "Shanglin on PostgreSQL", url)
	if err != nil {
		return err
	}
	postgres.beside(base)
	return nil
}
