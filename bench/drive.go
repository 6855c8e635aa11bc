package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// figure is what was measured of one kind of request.
type figure struct {
	what     string // of Shanglin and PocketBase alike, so that they are set beside each other
	n        int
	took     time.Duration
	p50, p99 time.Duration
}

func (f figure) perSecond() float64 { return float64(f.n) / f.took.Seconds() }

// report is all figures of one program.
type report struct {
	who     string
	figures []figure
}

func newReport(who string) *report {
	fmt.Printf("\n%-44s %10s %10s %10s %8s\n", who, "requests/s", "p50 ms", "p99 ms", "requests")
	return &report{who: who}
}

func (r *report) add(f figure) {
	r.figures = append(r.figures, f)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-44s %10.0f %10.1f %10.1f %8d\n", f.what, f.perSecond(), ms(f.p50), ms(f.p99), f.n)
}

// beside prints how many requests of another program go into the time of one of this.
func (r *report) beside(other *report) {
	fmt.Printf("\n%s beside %s\n", r.who, other.who)
	for _, f := range r.figures {
		if i := slices.IndexFunc(other.figures, func(o figure) bool { return o.what == f.what }); i >= 0 {
			o := other.figures[i]
			fmt.Printf("%-44s %.0f beside %.0f a second: %.2f of it\n", f.what, f.perSecond(), o.perSecond(), f.perSecond()/o.perSecond())
		}
	}
}

// drive sends n requests from clients that each keep a connection; client c sends those whose number is c modulo the clients.
func drive(ctx context.Context, what string, clients, n int, request func(i int) (*http.Request, error)) (figure, error) {
	took := make([]time.Duration, n)
	errs := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
			defer client.CloseIdleConnections()
			for i := c; i < n && errs[c] == nil && ctx.Err() == nil; i += clients {
				r, err := request(i)
				if err != nil {
					errs[c] = err
					return
				}
				start := time.Now()
				errs[c] = send(client, r.WithContext(ctx))
				took[i] = time.Since(start)
			}
		})
	}
	all.Wait()
	f := figure{what: what, n: n, took: time.Since(began)}
	slices.Sort(took)
	f.p50, f.p99 = took[n/2], took[n*99/100]
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return f, fmt.Errorf("%s: %w", what, err)
	}
	return f, nil
}

func send(client *http.Client, r *http.Request) error {
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %d %s", r.Method, r.URL, answer.StatusCode, text)
	}
	return err
}

// program is one that was started and serves.
type program struct {
	cmd  *exec.Cmd
	base string
}

// start runs a program until a line of its output holds http://ADDRESS.
func start(ctx context.Context, name string, args ...string) (*program, *bufio.Scanner, error) {
	p := &program{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(os.Interrupt) }
	var said strings.Builder
	p.cmd.Stderr = &said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if _, at, found := strings.Cut(lines.Text(), "http://"); found {
			p.base = "http://" + strings.TrimRight(at, "/")
			return p, lines, nil
		}
	}
	return nil, nil, fmt.Errorf("%s did not start: %w\n%s", name, p.cmd.Wait(), said.String())
}

func (p *program) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
}
