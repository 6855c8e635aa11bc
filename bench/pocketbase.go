package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The record that is set beside a case: as many fields as a row of cases has, with indexes like its own, and rules of the same sense. The
// owner is a relation, as the party of a case is a row of another table.
var (
	recordTexts = strings.Fields(`number round scheme party_name party_code town department draft origin started_at started_by saved_at submitted_at
		submitted_by evaluation answer amount_kind amount_text decided_reason decided_by cuts paid_on stage ended lacking`)
	recordNumbers = strings.Fields(`draft_version low high judged decided settled awarded paid version`)
)

const (
	mayCreate = `@request.auth.id != "" && owner = @request.auth.id`
	mayList   = `owner = @request.auth.id || (@request.auth.department != "" && department = @request.auth.department && number != "")`
)

type user struct{ ID, Token string }

// servePocketBase makes the collections and the users, prints the users, and serves.
func servePocketBase(dir, at string, o options) error {
	app := pocketbase.NewWithConfig(pocketbase.Config{DefaultDataDir: dir, HideStartBanner: true})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.Add(&core.TextField{Name: "department"})
	if err := app.Save(users); err != nil {
		return err
	}
	records := core.NewBaseCollection("cases")
	records.Fields.Add(&core.RelationField{Name: "owner", CollectionId: users.Id, Required: true, MaxSelect: 1})
	for _, name := range recordTexts {
		records.Fields.Add(&core.TextField{Name: name, Max: 20000})
	}
	for _, name := range recordNumbers {
		records.Fields.Add(&core.NumberField{Name: name})
	}
	records.CreateRule, records.ListRule, records.ViewRule = types.Pointer(mayCreate), types.Pointer(mayList), types.Pointer(mayList)
	records.AddIndex("cases_live", true, "round, scheme, owner", "ended = '' OR ended = 'granted'")
	records.AddIndex("cases_number", true, "number", "number <> ''")
	records.AddIndex("cases_by_owner", false, "owner, started_at", "")
	records.AddIndex("cases_by_round", false, "round, stage, number", "")
	records.AddIndex("cases_by_submission", false, "submitted_at, id", "")
	if err := app.Save(records); err != nil {
		return err
	}
	made := make([]user, o.firms+1) // the last is the officer
	var hash any
	for i := range made {
		r := core.NewRecord(users)
		r.SetEmail(fmt.Sprintf("user%d@example.com", i))
		if hash == nil {
			r.SetPassword(password)
		} else {
			r.SetRaw("password", hash) // hashed once: signing in is not measured
			r.RefreshTokenKey()
		}
		if i == o.firms {
			r.Set("department", "office")
		}
		if err := app.Save(r); err != nil {
			return err
		}
		hash = r.GetRaw("password")
		token, err := r.NewAuthToken()
		if err != nil {
			return err
		}
		made[i] = user{r.Id, token}
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		fmt.Println("http://" + at)
		return json.NewEncoder(os.Stdout).Encode(made)
	})
	return apis.Serve(app, apis.ServeConfig{HttpAddr: at})
}

func measurePocketBase(ctx context.Context, o options, dir string) (*report, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	at := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	program, lines, err := start(ctx, self, "-serve-pocketbase", dir, "-at", at, "-firms", fmt.Sprint(o.firms), "-clients", fmt.Sprint(o.clients))
	if err != nil {
		return nil, err
	}
	defer program.stop()
	var users []user
	if !lines.Scan() {
		return nil, fmt.Errorf("PocketBase told of no users: %w", lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &users); err != nil {
		return nil, err
	}
	firms, officer := users[:o.firms], users[o.firms]
	call := func(method string, u user, query string, body []byte) (*http.Request, error) {
		r, err := http.NewRequest(method, program.base+"/api/collections/cases/records"+query, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", u.Token)
		if body != nil {
			r.Header.Set("Content-Type", "application/json")
		}
		return r, nil
	}
	round := func(n int) string { return fmt.Sprintf("round-%d", n) }
	create := func(i int) ([]byte, error) {
		u, n := firms[i%len(firms)], i/len(firms)
		record := map[string]any{"owner": u.ID}
		for _, name := range recordTexts {
			record[name] = "a text of some length for " + name
		}
		for _, name := range recordNumbers {
			record[name] = 450000
		}
		number := fmt.Sprintf("B-%d-%05d", n, i)
		for name, value := range map[string]string{"round": round(n), "number": number, "submitted_at": "2026-11-27T02:00:00.000000Z " + number, "department": "office", "ended": ""} {
			record[name] = value
		}
		return json.Marshal(record)
	}
	list := func(u user, filter string) (*http.Request, error) {
		return call("GET", u, fmt.Sprintf("?perPage=%d&sort=-submitted_at,-id&filter=%s", page, url.QueryEscape(filter)), nil)
	}
	if _, err := drive(ctx, "warming up", o.clients, len(firms), func(i int) (*http.Request, error) { return list(firms[i], "") }); err != nil {
		return nil, err
	}
	bodies := make([][]byte, o.firms*o.rounds)
	for i := range bodies {
		if bodies[i], err = create(i); err != nil {
			return nil, err
		}
	}
	out := newReport("PocketBase on SQLite")
	for _, m := range []struct {
		what    string
		n       int
		request func(i int) (*http.Request, error)
	}{
		{whatCreate, len(bodies), func(i int) (*http.Request, error) { return call("POST", firms[i%len(firms)], "", bodies[i]) }},
		{whatOwn, o.reads, func(i int) (*http.Request, error) {
			u := firms[i%len(firms)]
			return list(u, fmt.Sprintf(`owner = "%s"`, u.ID))
		}},
		{whatDesk, o.reads, func(i int) (*http.Request, error) {
			return list(officer, fmt.Sprintf(`round = "%s"`, round(i%o.rounds)))
		}},
	} {
		f, err := drive(ctx, m.what, o.clients, m.n, m.request)
		if err != nil {
			return nil, err
		}
		out.add(f)
	}
	return out, nil
}
