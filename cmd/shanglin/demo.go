package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	demofiles "shanglin/demo"
	"shanglin/internal/account"
	"shanglin/internal/demo"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/internal/server"
	schemefiles "shanglin/schemes"
)

func newDemo() *cobra.Command {
	var o struct {
		store, place string
		firms        int
	}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Make a demo county of invented firms 生成演示县市",
		Long: `Make a demo county: invented firms with five years of figures, some missing or contradictory, and demo accounts.
It is a tenant like any other and is marked as invented on every page. Interrupted, it goes on where it stopped; made, it is left alone.
It serves nothing: shanglin serve shows it afterwards, and shanglin serve --demo does both.

生成演示用的县（市、区）：企业和数据均为虚构，页面上会注明。中断后再次运行会接着生成；已生成的不再改动。生成后用 shanglin serve 打开；shanglin serve --demo 一步到位。`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			county, err := makeDemo(ctx, cmd.OutOrStdout(), inst, server.NewRooms(inst), o.place, o.firms)
			if err != nil {
				return err
			}
			county.announce(cmd.OutOrStdout(), "")
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	cmd.Flags().StringVar(&o.place, "place", "", "which county, where there are several")
	cmd.Flags().IntVar(&o.firms, "firms", 5000, "how many firms")
	return cmd
}

// demoCounty is a demo county that is ready to be shown.
type demoCounty struct {
	tenant   string
	county   *demo.County
	accounts map[string]bool // by login: a small county, or one that was made before there were others, has not all of them
}

// places are the counties that the program carries data for.
func places() ([]string, error) {
	files, err := fs.Glob(demofiles.Files, "*/county.yaml")
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		files[i] = path.Dir(f)
	}
	return files, nil
}

// makeDemo makes the demo county, or finds it made, and brings its schemes up to the files that the program carries.
func makeDemo(ctx context.Context, w io.Writer, inst *store.Installation, rooms *server.Rooms, place string, firms int) (*demoCounty, error) {
	known, err := places()
	if err != nil {
		return nil, err
	}
	if place == "" && len(known) == 1 {
		place = known[0]
	}
	if place == "" {
		return nil, fault.New(fault.Invalid, "请写明演示哪一个县（市、区）："+strings.Join(known, "、"))
	}
	county, err := demo.ReadCounty(demofiles.Files, place)
	if err != nil {
		return nil, err
	}
	shown := &bar{w: w}
	err = demo.Make(ctx, inst, place, demo.Options{
		Place: place, Firms: firms, CountyFiles: demofiles.Files, SchemeFiles: schemefiles.Files, Matching: rooms.Matching, Casework: rooms.Casework,
		Treasury: rooms.Treasury,
	}, shown.show)
	shown.end()
	if err != nil {
		return nil, err
	}
	db, err := inst.Tenant(ctx, place)
	if err != nil {
		return nil, err
	}
	// By hash: it does nothing unless the files have changed since.
	if _, err := schemes.Seed(store.In(ctx, db), schemefiles.Files, place); err != nil {
		return nil, err
	}
	made := &demoCounty{tenant: place, county: county, accounts: map[string]bool{}}
	return made, rooms.Accounts.Each(account.System(store.In(ctx, db)), account.Filter{}, func(a account.Account) error {
		made.accounts[a.Login] = true
		return nil
	})
}

func (d *demoCounty) announce(w io.Writer, base string) {
	fmt.Fprintf(w, "演示：%s（企业和数据均为虚构）\n", d.county.Name)
	if base != "" {
		fmt.Fprintf(w, "  查政策、试算（不用登录）  %s/%s/\n", base, d.tenant)
	}
	var others []string
	for _, a := range d.county.Accounts {
		if !d.accounts[a.Login] {
			continue
		}
		if !a.Shown {
			others = append(others, a.Login)
			continue
		}
		fmt.Fprintf(w, "  登录名 %-10s 密码 %s  %s：%s\n", a.Login, a.Password, a.Name, a.About)
	}
	if len(others) > 0 {
		fmt.Fprintf(w, "  另有 %s，密码相同\n", strings.Join(others, "、"))
	}
}

// bar shows how far something is, on one line that it keeps rewriting.
type bar struct {
	w      io.Writer
	last   string
	opened bool
}

const barWidth = 30

func (b *bar) show(done, total int, note string) {
	line := note
	if total > 0 {
		filled := barWidth * done / total
		line = fmt.Sprintf("[%s%s] %3d%% %s（%d/%d）", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), 100*done/total, note, done, total)
	}
	if line == b.last {
		return
	}
	b.last, b.opened = line, true
	fmt.Fprintf(b.w, "\r\x1b[K%s", line)
}

func (b *bar) end() {
	if b.opened {
		fmt.Fprintln(b.w)
	}
}
