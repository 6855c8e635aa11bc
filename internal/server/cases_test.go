package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/search"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// A county with many cases and 2,000 officers (crowd.officers), as their browsers meet it: real HTTP over loopback, many clients at once,
// each another officer with a session and a connection of its own, each asking for a whole page as soon as it has the one before.
// SHANGLIN_BENCH_CASES is how many cases.

const benchClients = 50

var benchDepartments = []string{matrixOffice, "市商务局", "市科技局", "市农业农村局", "市人力社保局"}

func benchTown(n int) string { return fmt.Sprintf("第%02d镇", n%18+1) }

// BenchmarkCases measures pages; see screen for what one is. ms of a page are those of all its requests, one after the other.
func BenchmarkCases(b *testing.B) {
	said := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	b.Cleanup(func() { slog.SetDefault(said) })
	size := 2000
	if n, err := strconv.Atoi(os.Getenv("SHANGLIN_BENCH_CASES")); err == nil && n > 0 {
		size = n
	}
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			ctx := context.Background()
			h := newHouse(b, ctx, storetest.Open(b, ctx, storetest.URL(b, kind)))
			began := time.Now()
			c := newCrowd(h)
			c.multiply(size, c.templates())
			c.analyse(kind)
			b.Logf("%s: %d cases, %d open tasks, %d of them assigned, %d accounts, made in %.0f s", kind, size, c.count(`SELECT COUNT(*) FROM process_tasks WHERE state = 'open'`),
				c.count(`SELECT COUNT(*) FROM process_tasks WHERE state = 'open' AND assignee <> ''`), c.count(`SELECT COUNT(*) FROM accounts`), time.Since(began).Seconds())
			c.serve(b)
		})
	}
}

// crowd is many cases and the people who look at them.
type crowd struct {
	*matrix
	r       *rand.Rand
	rounds  []benchRound
	parties []registry.Party
	fits    int                       // how many of them have the figures that an application needs
	people  map[string][]benchOfficer // by sort
	clients map[string]*client        // by login
}

// newCrowd is a furnished house with its officers and 20 open rounds, and no cases but those of the house.
func newCrowd(h *house) *crowd {
	c := &crowd{matrix: furnish(h), r: rand.New(rand.NewPCG(1, 2)), people: map[string][]benchOfficer{}, clients: map[string]*client{}}
	c.officers()
	c.openRounds(20)
	return c
}

// analyse does what PostgreSQL's own housekeeping does after so many new rows.
func (c *crowd) analyse(kind string) {
	if kind == "postgres" {
		c.write(c.in("east"), `ANALYZE`)
	}
}

type benchRound struct {
	id, department string
	schemes        []string
}

// template is a case as the house made it, and how many of a hundred are like it.
type template struct {
	id    string
	share int
}

// multiply copies cases that were made step by step, with all that belongs to them, for other parties, rounds, schemes and departments; what
// officers did or were given is an officer's of the case's town.
func (c *crowd) multiply(size int, templates []template) {
	c.found(max(20, size/10) - len(c.parties))
	var pick []string
	for _, t := range templates {
		pick = append(pick, slices.Repeat([]string{t.id}, t.share)...)
	}
	instances := map[string]string{}
	for _, t := range templates {
		i, err := c.rooms.Engine.Find(c.in("east"), "case", t.id)
		must(c.matrix, i, err)
		instances[t.id] = i.ID
	}
	ctx := c.in("east")
	c.write(ctx, `CREATE TABLE bench_cases (n BIGINT PRIMARY KEY, template TEXT NOT NULL, head TEXT NOT NULL, number TEXT NOT NULL, round TEXT NOT NULL, scheme TEXT NOT NULL,
		party TEXT NOT NULL, party_name TEXT NOT NULL, party_code TEXT NOT NULL, town TEXT NOT NULL, department TEXT NOT NULL, officer TEXT NOT NULL, nth TEXT NOT NULL, at TEXT NOT NULL, due TEXT NOT NULL, due_at TEXT NOT NULL)`)
	type copied struct {
		N          int64  `bun:"n"`
		Template   string `bun:"template"`
		Head       string `bun:"head"`
		Number     string `bun:"number"`
		Round      string `bun:"round"`
		Scheme     string `bun:"scheme"`
		Party      string `bun:"party"`
		PartyName  string `bun:"party_name"`
		PartyCode  string `bun:"party_code"`
		Town       string `bun:"town"`
		Department string `bun:"department"`
		Officer    string `bun:"officer"`
		Nth        string `bun:"nth"`
		At         string `bun:"at"`
		Due        string `bun:"due"`
		DueAt      string `bun:"due_at"`
	}
	now := clock.Now(ctx)
	const some = 10_000
	for from := 0; from < size; from += some {
		var rows []copied
		for n := from; n < min(size, from+some); n++ {
			p := c.parties[n%len(c.parties)]
			round := c.rounds[(n%len(c.parties)+n/len(c.parties))%len(c.rounds)] // each of a party's cases is in a round of its own
			at, due := now.Add(-time.Duration(size-n)*time.Minute), now.AddDate(0, 0, c.r.IntN(60)-15)
			rows = append(rows, copied{N: int64(n), Template: pick[c.r.IntN(len(pick))], Head: fmt.Sprintf("01a%05x-%04x", n>>16, n&0xffff), Number: fmt.Sprintf("2025-%02d-%06d", n%40, n),
				Round: round.id, Scheme: round.schemes[c.r.IntN(len(round.schemes))], Party: p.ID, PartyName: p.Name, PartyCode: p.Code, Town: p.Town, Department: round.department,
				Officer: c.ofTown(p.Town).id, Nth: fmt.Sprintf("%03d", c.r.IntN(checkersEach)), At: store.Stamp(at), Due: due.Format(time.DateOnly), DueAt: store.Stamp(due)})
		}
		must(c.matrix, 0, store.Write(ctx, func(ctx context.Context) error {
			for part := range slices.Chunk(rows, 500) {
				if _, err := store.Tx(ctx).NewInsert().Model(&part).ModelTableExpr("bench_cases").Exec(ctx); err != nil {
					return err
				}
			}
			return c.copyRows(ctx, from, from+some)
		}))
		for part := range slices.Chunk(rows, 2000) {
			must(c.matrix, 0, store.Write(ctx, func(ctx context.Context) error {
				for _, k := range part {
					id := k.Head + instances[k.Template][len(k.Head):]
					if err := search.Put(ctx, "process", id, k.Number+" "+k.PartyName, "测试事项"); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	}
}

// copyRows copies what belongs to the templates of cases n to n: the front of every id becomes the case's own, which rises as time does.
func (c *crowd) copyRows(ctx context.Context, from, to int) error {
	fresh := func(column string) string {
		return `CASE WHEN t.` + column + ` = '' THEN '' ELSE k.head || SUBSTR(t.` + column + `, 14) END`
	}
	unless := func(column, own string) string {
		return `CASE WHEN t.` + column + ` = '' THEN '' ELSE k.` + own + ` END`
	}
	officer := `CASE WHEN t.scope_department = t.department THEN k.officer ELSE '` + benchID("checker", "") + `' || t.scope_department || '-' || k.nth END`
	about := map[string]string{"number": unless("number", "number"), "party": "k.party", "party_name": "k.party_name", "town": "k.town", "department": "k.department", "scheme": "k.scheme", "round": "k.round"}
	with := func(more map[string]string) map[string]string {
		for k, v := range about {
			more[k] = v
		}
		return more
	}
	for _, x := range []struct {
		table, join string
		own         map[string]string
	}{
		{"cases", "t.id = k.template", with(map[string]string{"id": fresh("id"), "evaluation": fresh("evaluation"), "party_code": "k.party_code", "started_at": "k.at", "saved_at": "k.at", "submitted_at": unless("submitted_at", "at")})},
		{"case_evaluations", "t.case_id = k.template", map[string]string{"id": fresh("id"), "case_id": fresh("case_id")}},
		{"case_findings", "t.case_id = k.template", map[string]string{"id": fresh("id"), "case_id": fresh("case_id"), "supersedes": fresh("supersedes")}},
		{"process_instances", "t.flow = 'case' AND t.subject = k.template", with(map[string]string{"id": fresh("id"), "subject": fresh("subject"), "since": "k.at"})},
		{"process_tasks", "t.subject = k.template", with(map[string]string{"id": fresh("id"), "subject": fresh("subject"), "instance": fresh("instance"), "opened_at": "k.at",
			"scope_department": "CASE WHEN t.scope_department = t.department THEN k.department ELSE t.scope_department END",
			"assignee":         "CASE WHEN t.state = 'open' AND t.role = 'officer' AND k.n % 4 = 0 THEN " + officer + " ELSE '' END",
			"done_by":          "CASE WHEN t.state = 'done' AND t.role = 'officer' THEN " + officer + " ELSE t.done_by END",
			"due":              unless("due", "due"), "due_at": "CASE WHEN t.due = '' THEN t.due_at ELSE k.due_at END"})},
		{"process_steps", "t.instance = (SELECT id FROM process_instances WHERE flow = 'case' AND subject = k.template)", map[string]string{"instance": fresh("instance"), "task": fresh("task"),
			"actor": "CASE WHEN t.kind = 'act' AND t.role = 'officer' THEN k.officer ELSE t.actor END"}},
	} {
		rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT * FROM `+x.table+` WHERE 1 = 0`)
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
		values := make([]string, len(columns))
		for i, name := range columns {
			if values[i] = x.own[name]; values[i] == "" {
				values[i] = "t." + name
			}
		}
		if _, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO `+x.table+` (`+strings.Join(columns, ", ")+`) SELECT `+strings.Join(values, ", ")+
			` FROM bench_cases AS k JOIN `+x.table+` AS t ON `+x.join+` WHERE k.n >= ? AND k.n < ?`, from, to); err != nil {
			return fmt.Errorf("%s: %w", x.table, err)
		}
	}
	return nil
}

// found registers n more firms. One name in eight has the common word; a rare one is in a few dozen.
func (c *crowd) found(n int) {
	kinds := []string{"电器", "轴承", "纺织", "塑料", "模具", "汽配", "化纤", "五金"}
	letters := []rune("卓力恒远宏达锦华瑞丰泰安盛隆嘉禾博宇凯旋振兴永固联创欣荣浩瀚天元朗星辰鼎峰汇通")
	already := len(c.parties)
	for from := already; from < already+n; from += 1000 {
		var parties []registry.Party
		for k := from; k < min(already+n, from+1000); k++ {
			name := fmt.Sprintf("东县%c%c%s%d号有限公司", letters[k%len(letters)], letters[k/len(letters)%len(letters)], kinds[k/3%len(kinds)], k)
			parties = append(parties, registry.Party{Kind: registry.KindFirm, Exception: "测试用", Name: name, Town: benchTown(k), Industry: kinds[0], Size: "小型"})
		}
		parties, err := c.rooms.Registry.PutParties(c.in("east"), parties)
		must(c.matrix, parties, err)
		c.parties = append(c.parties, parties...)
	}
}

// templates makes a case at each place where one may stand.
func (c *crowd) templates() []template {
	c.found(20)
	officer, ctx := matrixGrants["office"], c.in("east")
	list, err := c.rooms.Casework.Cases(ctx, casework.CaseFilter{Round: c.ids["rounds"], Page: 1})
	must(c.matrix, list, err)
	out := []template{{c.ids["cases"], 5}}
	for _, k := range list.Items {
		if k.ID != c.ids["cases"] {
			must(c.matrix, 0, c.rooms.Casework.Paid(ctx, k.ID, casework.Payment{Awarded: *k.Awarded, Paid: *k.Awarded, On: clock.Today(ctx), Reference: "第1笔"}))
			out = append(out, template{k.ID, 35})
		}
	}
	round, _ := c.round("2025-00", 30)
	accepted := func() string {
		id := c.apply(round, c.fit())
		c.do("case", id, "受理", "", "", officer)
		return id
	}
	checked := func() string {
		id := accepted()
		c.check(id)
		return id
	}
	add := func(id string, share int) string {
		out = append(out, template{id, share})
		return id
	}
	add(c.draft(round, c.fit()), 5)
	add(c.apply(round, c.fit()), 10)
	c.do("case", add(c.apply(round, c.fit()), 3), "一次性告知补正", "", `{"items":[{"text":"请补充上年度审计报告"}]}`, officer)
	c.do("case", add(c.apply(round, c.fit()), 3), "不予受理", "不属于本批范围", "", officer)
	add(accepted(), 10)
	add(checked(), 12)
	c.do("case", add(checked(), 6), "不予支持", "不符合条件", "", officer)
	c.do("case", add(checked(), 11), "通过", "", `{"amount":400000,"reason":"按预算比例核定"}`, officer)
	return out
}

// fit is another firm, with the figures that an application needs.
func (c *crowd) fit() string {
	p := c.parties[c.fits].ID
	c.fits++
	for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元", 2025: "10989万元"} {
		_, err := c.rooms.Registry.State(c.in("east"), registry.Statement{Party: p, Term: "营业收入", Year: year, Value: value, Evidence: "测试"})
		must(c.matrix, 0, err)
	}
	_, err := c.rooms.Registry.State(c.in("east"), registry.Statement{Party: p, Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: policy.NewDate(2020, 1, 1), Until: policy.NewDate(2030, 12, 31)}})
	must(c.matrix, 0, err)
	return p
}

// openRounds opens rounds of several departments.
func (c *crowd) openRounds(n int) {
	ctx := c.in("east")
	for i := range n {
		d := benchDepartments[i%len(benchDepartments)]
		grant := account.Grant{Role: account.RoleOfficer, Department: d}
		draft := casework.RoundDraft{Number: fmt.Sprintf("2025-%02d", i+1), Title: fmt.Sprintf("第%d批", i+1), Process: "申报评审", Performance: 2025, Opens: clock.Today(ctx),
			Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, 30)), Department: d}
		for _, s := range []string{"cx2025/C001", "cx2025/C002", "cx2025/C003", "cx2025/C004"} {
			draft.Schemes = append(draft.Schemes, casework.RoundSchemeDraft{Scheme: s, Department: d})
		}
		who := account.WithActor(ctx, &account.Actor{AccountID: "o", Name: "办", Tenant: "east", Grants: []account.Grant{grant}})
		r, err := c.rooms.Casework.MakeRound(who, draft)
		must(c.matrix, r, err)
		c.do("round", r.ID, "开放申报", "", "", grant)
		c.rounds = append(c.rounds, benchRound{r.ID, d, []string{"cx2025/C001", "cx2025/C002", "cx2025/C003", "cx2025/C004"}})
	}
}

func (c *crowd) write(ctx context.Context, statement string) {
	must(c.matrix, 0, store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, statement)
		return err
	}))
}

func (c *crowd) count(query string) (n int) {
	must(c.matrix, 0, store.Read(c.in("east"), func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query).Scan(ctx, &n) }))
	return n
}

func (c *crowd) texts(query string, args ...any) (ids []string) {
	must(c.matrix, 0, store.Read(c.in("east"), func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &ids) }))
	return ids
}

// client is a browser of somebody: a session and one connection that is kept.
type client struct {
	http       *http.Client
	base       string
	cookies    string
	department string
	r          *rand.Rand
}

// get asks for something and reads all of it.
func (c *client) get(path string) ([]byte, error) {
	r, err := http.NewRequest("GET", c.base+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Cookie", c.cookies)
	got, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %d %s", path, got.StatusCode, text)
	}
	return text, err
}

// screen is what a page of the web asks for when it is opened.
type screen struct {
	name string
	who  string // what sort of officer
	asks func(c *client) []string
}

func (c *crowd) serve(b *testing.B) {
	server := httptest.NewUnstartedServer(c.server)
	server.Config.BaseContext = func(net.Listener) context.Context { return c.ctx }
	server.Start()
	defer server.Close()
	cases := map[string][]string{}
	for _, d := range benchDepartments {
		cases[d] = c.texts(`SELECT id FROM cases WHERE department = ? AND number <> '' ORDER BY id`, d)
	}
	inbox := func(query string) func(*client) []string {
		return func(*client) []string { return []string{"tasks?page=1&per=20" + query, "tasks/counts", "task-filters"} }
	}
	only := func(path func(*client) string) func(*client) []string {
		return func(k *client) []string { return []string{path(k)} }
	}
	rare := func(k *client) string { // four characters of some firm's name
		return url.QueryEscape(string([]rune(c.parties[k.r.IntN(len(c.parties))].Name)[2:6]))
	}
	number := func(k *client) string { return fmt.Sprintf("2025-%02d-%06d", 7, 7+40*k.r.IntN(len(c.parties)/4)) }
	const common = "%E7%94%B5%E5%99%A8"
	for _, p := range []screen{
		{"inbox/town", "town", inbox("")},
		{"inbox/department", "department", inbox("")},
		{"inbox/checker", "checker", inbox("")},
		{"inbox/county", "county", inbox("")},
		{"inbox/leader", "leader", inbox("")},
		{"inbox/leader-sees", "leader", inbox("&which=see")},
		{"inbox/department-sees", "department", inbox("&which=see")},
		{"inbox/department-late", "department", inbox("&late=true")},
		{"inbox/several", "several", inbox("")},
		{"inbox/stand-in", "stand-in", inbox("")},
		{"inbox-search/rare", "department", only(func(k *client) string { return "tasks?page=1&per=20&q=" + rare(k) })},
		{"inbox-search/number", "town", only(func(k *client) string { return "tasks?page=1&per=20&q=" + number(k) })},
		{"inbox-search/common", "department", only(func(*client) string { return "tasks?page=1&per=20&q=" + common })},
		{"inbox-search/common-sees", "county", only(func(*client) string { return "tasks?page=1&per=20&which=see&q=" + common })},
		{"cases/department", "department", only(func(*client) string { return "cases?page=1&per=20" })},
		{"cases/town", "town", only(func(*client) string { return "cases?page=1&per=20" })},
		{"cases/checker", "checker", only(func(*client) string { return "cases?page=1&per=20" })},
		{"cases/several", "several", only(func(*client) string { return "cases?page=1&per=20" })},
		{"cases/county", "county", only(func(*client) string { return "cases?page=1&per=20" })},
		{"cases-search/rare", "department", only(func(k *client) string { return "cases?page=1&per=20&q=" + rare(k) })},
		{"cases-search/number", "county", only(func(k *client) string { return "cases?page=1&per=20&q=" + number(k) })},
		{"cases-search/common", "department", only(func(*client) string { return "cases?page=1&per=20&q=" + common })},
		{"cases-search/common-county", "county", only(func(*client) string { return "cases?page=1&per=20&q=" + common })},
		{"case", "department", nil},
	} {
		clients := c.signedIn(server.URL, p.who)
		b.Run(p.name, func(b *testing.B) {
			const pages = 12
			var mu sync.Mutex
			var took, each []time.Duration
			var group sync.WaitGroup
			began, used := time.Now(), processorTime()
			for _, k := range clients {
				group.Go(func() {
					var whole, single []time.Duration
					for range pages {
						start, asks := time.Now(), []string(nil)
						if p.asks == nil {
							of := cases[k.department]
							one := "cases/" + of[k.r.IntN(len(of))]
							asks = []string{one, one + "/progress", one + "/evaluation", one + "/findings", one + "/materials", one + "/application", "objections?case=" + one[6:]}
						} else {
							asks = p.asks(k)
						}
						for j := 0; j < len(asks); j++ {
							from := time.Now()
							text, err := k.get("/api/east/" + asks[j])
							if err != nil {
								b.Error(err)
								return
							}
							single = append(single, time.Since(from))
							if p.asks == nil && j == 0 {
								var told struct {
									Party string `json:"party"`
								}
								if err := json.Unmarshal(text, &told); err != nil {
									b.Error(err)
									return
								}
								asks = append(asks, "cases?per=50&party="+told.Party)
							}
						}
						whole = append(whole, time.Since(start))
					}
					mu.Lock()
					took, each = append(took, whole...), append(each, single...)
					mu.Unlock()
				})
			}
			group.Wait()
			seconds := time.Since(began).Seconds()
			slices.Sort(took)
			slices.Sort(each)
			at := func(list []time.Duration, n int) float64 {
				if len(list) == 0 {
					return 0
				}
				return float64(list[(len(list)-1)*n/100].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(at(took, 50), "p50-ms")
			b.ReportMetric(at(took, 90), "p90-ms")
			b.ReportMetric(at(took, 99), "p99-ms")
			b.ReportMetric(at(each, 99), "request-p99-ms")
			b.ReportMetric(float64(len(each))/seconds, "requests/s")
			b.ReportMetric((processorTime()-used).Seconds()*1000/float64(max(1, len(took))), "cpu-ms/page")
		})
	}
}

// processorTime is what this process has used: of clients and server together, without PostgreSQL.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// signedIn are clients with a session each, every one of them another officer of a sort.
func (c *crowd) signedIn(base, sort string) []*client {
	out := make([]*client, benchClients)
	for i, o := range c.people[sort][:benchClients] {
		if c.clients[o.id] == nil {
			c.clients[o.id] = c.signIn(base, o, i)
		}
		out[i] = c.clients[o.id]
	}
	return out
}

func (c *crowd) signIn(base string, o benchOfficer, i int) *client {
	who := c.public()
	who.headers = map[string]string{"Remote-Addr": fmt.Sprintf("10.%d.%d.1:9", len(c.clients)/250, len(c.clients)%250)}
	got := who.call("POST", "/api/session", map[string]any{"tenant": "east", "login": o.id, "password": password})
	if got.status != http.StatusOK {
		c.t.Fatalf("signing in as %s: %d %s", o.id, got.status, got.body)
	}
	var cookies []string
	for name, value := range who.cookies {
		cookies = append(cookies, name+"="+value)
	}
	return &client{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, MaxConnsPerHost: 1}}, base: base, cookies: strings.Join(cookies, "; "),
		department: o.grants[0].Department, r: rand.New(rand.NewPCG(3, uint64(i)))}
}
