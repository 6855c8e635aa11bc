package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
)

// carrier is a channel that writes down what it was given.
type carrier struct {
	mu     sync.Mutex
	got    []Message
	until  time.Time // by when the last sending has to be over
	answer func(Message) error
}

func (c *carrier) Send(ctx context.Context, messages []Message) []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, _ = ctx.Deadline()
	errs := make([]error, len(messages))
	for i, m := range messages {
		if c.answer != nil {
			errs[i] = c.answer(m)
		}
		if errs[i] == nil {
			c.got = append(c.got, m)
		}
	}
	return errs
}

func (c *carrier) take() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

// titlesOf are the titles of messages, in their order.
func titlesOf(messages []Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Title)
	}
	return strings.Join(out, " | ")
}

// outside is a box with a channel for mail, and its owner's confirmed address.
type outside struct {
	*Box
	mail *carrier
	ctx  context.Context
	t    *testing.T
}

var sixDigits = regexp.MustCompile(`\d{6}`)

func newOutside(t *testing.T, ctx context.Context) *outside {
	o := &outside{newBox(), &carrier{}, ctx, t}
	o.Use(Mail, o.mail)
	o.Pages("https://example.gov.cn/")
	return o
}

func wish(to, how string) Wish {
	return Wish{To: to, How: how, QuietFrom: "21:00", QuietTo: "08:00", DigestAt: "08:30"}
}

// confirmed gives an account an address.
func (o *outside) confirmed(account string, w Wish) {
	o.t.Helper()
	if _, err := o.Reach(as(o.ctx, account), Mail, w); err != nil {
		o.t.Fatal(err)
	}
	got := o.mail.take()
	if len(got) != 1 {
		o.t.Fatalf("%d codes", len(got))
	}
	r, err := o.Confirm(as(o.ctx, account), Mail, sixDigits.FindString(got[0].Title))
	if err != nil || !r.Confirmed {
		o.t.Fatal(r, err)
	}
}

// work does the jobs that are due.
func (o *outside) work() {
	o.t.Helper()
	h := &jobs.Handlers{}
	o.Handle(h)
	if err := jobs.NewRunner(store.Bound(o.ctx).Installation(), h, jobs.Options{}).Drain(o.ctx); err != nil {
		o.t.Fatal(err)
	}
}

// sent is what an account's newest note says of its way out.
func (o *outside) sent(account string) string {
	o.t.Helper()
	items, _, err := o.List(as(o.ctx, account), Filter{Page: 1, Per: 1})
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, s := range items[0].Sent {
		out = append(out, s.State+" "+s.Reason)
	}
	return strings.TrimSpace(strings.Join(out, ", "))
}

// Mutations: plan for addresses that nobody confirmed; leave "r.how <> 'off'" away; plan outside the transaction of Tell → red.
func TestOnlyAConfirmedAddressIsTold(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		o.confirmed("a", wish("a@example.com", atOnce))
		o.confirmed("silent", wish("s@example.com", atOnce))
		if _, err := o.Reach(as(ctx, "silent"), Mail, wish("", off)); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Reach(as(ctx, "b"), Mail, wish("b@example.com", atOnce)); err != nil { // never confirmed
			t.Fatal(err)
		}
		o.mail.take()
		tell(t, ctx, Note{Kind: "k", Title: "请补正", Body: "缺营业执照", Link: "firm/1"}, "a", "b", "silent", "nobody")
		failing := errors.New("no")
		_ = store.Write(ctx, func(ctx context.Context) error {
			tell(t, ctx, Note{Kind: "k2", Title: "没有发生的事"}, "a")
			return failing
		})
		o.work()
		got := o.mail.take()
		if titlesOf(got) != "请补正" || got[0].To != "a@example.com" || got[0].Body != "缺营业执照" {
			t.Fatalf("%+v", got)
		}
		if want := "https://example.gov.cn/" + store.Bound(ctx).ID() + "/firm/1"; got[0].Link != want {
			t.Errorf("leads to %s, want %s", got[0].Link, want)
		}
		if s := o.sent("a"); s != "sent" {
			t.Errorf("says %q", s)
		}
		if s := o.sent("b"); s != "" {
			t.Errorf("says %q of one who never confirmed", s)
		}
	})
}

// Nobody is told twice: neither by another run, nor by the same words before they are read, nor by words that newer ones took the place of, nor of
// what was read in the app meanwhile.
//
// Mutations: leave DO NOTHING away (a fault) or the words out of the key; do not compare the words; do not look at read_at → red.
func TestNobodyIsToldTwice(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		o.confirmed("a", wish("a@example.com", atOnce))
		n := Note{Kind: "stage", Title: "正在审核", Link: "firm/1"}
		tell(t, ctx, n, "a")
		o.work()
		o.work()
		tell(t, ctx, n, "a")
		o.work()
		if got := titlesOf(o.mail.take()); got != "正在审核" {
			t.Errorf("told %q", got)
		}
		for _, title := range []string{"待公示", "公示", "决定"} { // before anything is sent
			n.Title = title
			tell(t, ctx, n, "a")
		}
		o.work()
		if got := titlesOf(o.mail.take()); got != "决定" {
			t.Errorf("told %q", got)
		}
		tell(t, ctx, Note{Kind: "other", Title: "已经读过"}, "a")
		if _, err := o.ReadAll(as(ctx, "a"), ""); err != nil {
			t.Fatal(err)
		}
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Errorf("told of what was read: %q", titlesOf(got))
		}
		if s := o.sent("a"); s != "dropped 已在系统内读过，没有另发" {
			t.Errorf("says %q", s)
		}
	})
}

// Of two that would send the same at once, one does; and a sending ends before its claim does.
//
// Mutations: send without a deadline; leave the old state, due_at and attempts out of the condition of save → red.
func TestTwoSendersSendOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		o.confirmed("a", wish("a@example.com", atOnce))
		tell(t, ctx, Note{Kind: "k", Title: "一次"}, "a")
		var rows []deliveryRow
		if err := store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewSelect().Model(&rows).Scan(ctx) }); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		var mine [2]bool
		for i := range mine { // both have read the row as it waits
			d := rows[0]
			d.State, d.Attempts = stateSending, 1
			if err := store.Write(ctx, func(ctx context.Context) (err error) { mine[i], err = d.save(ctx, rows[0]); return err }); err != nil {
				t.Fatal(err)
			}
		}
		if mine != [2]bool{true, false} {
			t.Errorf("claimed by %v", mine)
		}
		tell(t, ctx, Note{Kind: "k2", Title: "另一次"}, "a")
		latest := time.Now().Add(claimFor / 2)
		o.work()
		if o.mail.until.IsZero() || o.mail.until.After(latest) {
			t.Errorf("may go on sending until %v, with a claim that ends at %v", o.mail.until, latest)
		}
	})
}

// What a killed server was sending goes out again when its claim has lapsed, under the same id; not before.
//
// Mutations: claim only what waits; make the id of the time → red.
func TestAKilledServersMessageIsSentUnderItsId(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		o.confirmed("a", wish("a@example.com", atOnce))
		tell(t, ctx, Note{Kind: "k", Title: "重要"}, "a")
		var first []claimed
		if err := store.Write(ctx, func(ctx context.Context) (err error) { first, err = o.claim(ctx); return err }); err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		o.work() // the server that claimed it is gone
		if got := o.mail.take(); len(got) != 0 {
			t.Fatalf("sent under another's claim: %v", got)
		}
		h.pass(claimFor)
		if err := Tick(ctx); err != nil {
			t.Fatal(err)
		}
		o.work()
		if got := o.mail.take(); len(got) != 1 || got[0].ID != first[0].ID {
			t.Errorf("%+v, want the id %s", got, first[0].ID)
		}
	})
}

// The hours by hand, in China's time; the test begins at nine in the morning of the 23rd.
func TestWhenSomethingIsSent(t *testing.T) {
	row := func(how, from, to, at string) reachRow {
		return reachRow{How: how, QuietFrom: from, QuietTo: to, DigestAt: at}
	}
	for _, c := range []struct {
		row       reachRow
		now, want string
	}{
		{row(atOnce, "21:00", "08:00", "08:30"), "11-23 09:00", "11-23 09:00"},
		{row(atOnce, "21:00", "08:00", "08:30"), "11-23 20:59", "11-23 20:59"},
		{row(atOnce, "21:00", "08:00", "08:30"), "11-23 21:00", "11-24 08:00"},
		{row(atOnce, "21:00", "08:00", "08:30"), "11-24 00:00", "11-24 08:00"},
		{row(atOnce, "21:00", "08:00", "08:30"), "11-24 07:59", "11-24 08:00"},
		{row(atOnce, "21:00", "08:00", "08:30"), "11-24 08:00", "11-24 08:00"},
		{row(atOnce, "12:00", "14:00", "08:30"), "11-23 13:00", "11-23 14:00"},
		{row(atOnce, "12:00", "14:00", "08:30"), "11-23 23:00", "11-23 23:00"},
		{row(atOnce, "08:00", "08:00", "08:30"), "11-23 08:00", "11-23 08:00"},
		{row(digest, "21:00", "08:00", "08:30"), "11-23 08:29", "11-23 08:30"},
		{row(digest, "21:00", "08:00", "08:30"), "11-23 08:30", "11-24 08:30"},
		{row(digest, "21:00", "08:00", "22:00"), "11-23 09:00", "11-24 08:00"},
		{row(digest, "21:00", "08:00", "08:30"), "12-31 09:00", "01-01 08:30"},
	} {
		china := time.FixedZone("", 8*3600)
		now, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+c.now, china)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.row.due(now).In(china).Format("01-02 15:04"); got != c.want {
			t.Errorf("%+v at %s: %s, want %s", c.row, c.now, got, c.want)
		}
	}
}

// A digest is one message of all that came since the last; the quiet hours hold also for what was put off into them.
//
// Mutations: send the notes of a digest one by one; do not look at the hours when sending → red.
func TestADigestIsOneMessage(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) { // 09:00
		o := newOutside(t, ctx)
		o.confirmed("a", wish("a@example.com", digest))
		tell(t, ctx, Note{Kind: "1", Title: "第一条", Body: "内容一"}, "a")
		h.pass(time.Hour)
		tell(t, ctx, Note{Kind: "2", Title: "第二条", Link: "firm/2"}, "a")
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Fatalf("at once: %q", titlesOf(got))
		}
		h.pass(22*time.Hour + 29*time.Minute) // 08:29
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Fatalf("too early: %q", titlesOf(got))
		}
		h.pass(time.Minute)
		o.work()
		got := o.mail.take()
		if titlesOf(got) != "您有2条新消息" || !strings.HasPrefix(got[0].Body, "● 第一条\n内容一\n\n● 第二条\nhttps://example.gov.cn/") || !strings.HasSuffix(got[0].Link, "/notifications") {
			t.Fatalf("%+v", got)
		}
		o.work()
		h.pass(24 * time.Hour)
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Errorf("an empty digest: %q", titlesOf(got))
		}
		// Fails in the evening, and is not tried again by night.
		o.confirmed("late", wish("late@example.com", atOnce))
		o.mail.answer = func(Message) error { return errors.New("busy") }
		h.pass(12*time.Hour + 29*time.Minute + 30*time.Second) // 20:59:30
		tell(t, ctx, Note{Kind: "k", Title: "傍晚"}, "late")
		o.work()
		o.mail.answer = nil
		h.pass(time.Hour)
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Errorf("by night: %q", titlesOf(got))
		}
		h.pass(11 * time.Hour)
		o.work()
		if got := titlesOf(o.mail.take()); got != "傍晚" {
			t.Errorf("in the morning: %q", got)
		}
	})
}

// Mutations: give up at the first failure; never give up; retry what was refused → red.
func TestWhatCannotBeSentIsTriedAgainAndGivenUp(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		o.confirmed("a", Wish{To: "a@example.com", How: atOnce, QuietFrom: "00:00", QuietTo: "00:00", DigestAt: "08:30"})
		tries := 0
		o.mail.answer = func(Message) error { tries++; return errors.New("unreachable") }
		tell(t, ctx, Note{Kind: "k", Title: "发不出"}, "a")
		o.work()
		if s := o.sent("a"); tries != 1 || s != "waiting 还没有发出，稍后再试" {
			t.Fatalf("%d tries, %q", tries, s)
		}
		for range 20 {
			h.pass(12 * time.Hour)
			o.work()
		}
		if s := o.sent("a"); tries != 7 || s != "failed 试了7次都没有发出" {
			t.Errorf("%d tries, %q", tries, s)
		}
		if r, err := o.Reaches(as(ctx, "a")); err != nil || r[0].Failed == "" {
			t.Errorf("the owner does not learn of it: %+v %v", r, err)
		}
		tries = 0
		o.mail.answer = func(Message) error { tries++; return fmt.Errorf("wrapped: %w", Refused{"没有这个邮箱"}) }
		tell(t, ctx, Note{Kind: "k2", Title: "拒收"}, "a")
		o.work()
		h.pass(12 * time.Hour)
		o.work()
		if s := o.sent("a"); tries != 1 || s != "failed 对方拒收：wrapped: 没有这个邮箱" {
			t.Errorf("%d tries, %q", tries, s)
		}
		o.mail.answer = nil
		tell(t, ctx, Note{Kind: "k3", Title: "又好了"}, "a")
		o.work()
		if r, err := o.Reaches(as(ctx, "a")); err != nil || r[0].Failed != "" {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// Who may no longer sign in, has taken the address away or switched it off, is sent nothing that waits.
//
// Mutations: do not ask who is live; do not look at the address again → red.
func TestNothingGoesToWhoIsGone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		for _, a := range []string{"disabled", "gone", "off"} {
			o.confirmed(a, wish(a+"@example.com", atOnce))
		}
		tell(t, ctx, Note{Kind: "k", Title: "不该发"}, "disabled", "gone", "off")
		if err := o.Unreach(as(ctx, "gone"), Mail); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Reach(as(ctx, "off"), Mail, wish("", off)); err != nil {
			t.Fatal(err)
		}
		o.work()
		if got := o.mail.take(); len(got) != 0 {
			t.Errorf("sent to %v", got)
		}
	})
}

// Mutations: do not count tries; forget how many codes were sent with the address; let a code live for ever; keep an address confirmed that has changed; show the address whole; send again what is confirmed → red.
func TestAnAddressIsConfirmedByItsOwner(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		me := as(ctx, "a")
		code := func() string { return sixDigits.FindString(o.mail.take()[0].Title) }
		wrong := func(code string) string {
			if code == "000000" {
				return "000001"
			}
			return "000000"
		}
		for _, to := range []string{"", "x", "x@localhost", "Name <x@example.com>", "x@example.com\r\nBcc: y@example.com", strings.Repeat("x", 250) + "@example.com"} {
			if _, err := o.Reach(me, Mail, wish(to, atOnce)); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%q is taken: %v", to, err)
			}
		}
		if _, err := o.Reach(me, Phone, wish("13800000000", atOnce)); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a channel that is not there: %v", err)
		}
		if _, err := o.Reach(ctx, Mail, wish("a@example.com", atOnce)); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("the public: %v", err)
		}
		r, err := o.Reach(me, Mail, wish("zhang@example.com", atOnce))
		if err != nil || r.Confirmed || r.To != "z***@example.com" {
			t.Fatal(r, err)
		}
		c := code()
		if _, err := o.Confirm(as(ctx, "b"), Mail, c); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("another's code: %v", err)
		}
		for range mostTries {
			if _, err := o.Confirm(me, Mail, wrong(c)); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("a wrong code: %v", err)
			}
		}
		if _, err := o.Confirm(me, Mail, c); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("after too many tries: %v", err)
		}
		// Another code without the address being written again; the one before is good no more.
		again := wish("", atOnce)
		again.Again = true
		if r, err := o.Reach(me, Mail, again); err != nil || r.To != "z***@example.com" || r.Confirmed {
			t.Fatal(r, err)
		}
		old, c := c, code()
		if old != c {
			if _, err := o.Confirm(me, Mail, old); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("the code before: %v", err)
			}
		}
		h.pass(codeFor + time.Second)
		if _, err := o.Confirm(me, Mail, c); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("too late: %v", err)
		}
		o.confirmed("a", wish("zhang@example.com", atOnce))
		if r, err := o.Reach(me, Mail, again); err != nil || !r.Confirmed || len(o.mail.take()) != 0 {
			t.Errorf("a code for what is confirmed: %+v %v", r, err)
		}
		if r, err := o.Reach(me, Mail, wish("li@example.com", atOnce)); err != nil || r.Confirmed {
			t.Errorf("another address is confirmed: %+v %v", r, err)
		}
		for range mostCodes {
			_, err = o.Reach(me, Mail, wish("li@example.com", atOnce))
		}
		if fault.CodeOf(err) != fault.TooMany {
			t.Errorf("codes without end: %v", err)
		}
		if err := o.Unreach(me, Mail); err != nil {
			t.Fatal(err)
		}
		if r, err := o.Reaches(me); err != nil || r[0].To != "" || r[0].Confirmed {
			t.Errorf("taken away: %+v %v", r, err)
		}
		if _, err = o.Reach(me, Mail, wish("wang@example.com", atOnce)); fault.CodeOf(err) != fault.TooMany {
			t.Errorf("codes without end by taking the address away: %v", err)
		}
		// Every change is in the log, and no address.
		var told []string
		if err := store.Read(ctx, func(ctx context.Context) error {
			return store.Tx(ctx).NewRaw(`SELECT action || ' ' || data FROM audit_events WHERE kind = 'reach' ORDER BY seq`).Scan(ctx, &told)
		}); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(told, "\n"); !strings.Contains(all, "reach.confirmed") || strings.Contains(all, "example.com") {
			t.Errorf("the log says %s", all)
		}
		if report, err := audit.Verify(ctx); err != nil || !report.OK() {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// mailbox is a mail server: it refuses the address nobody@, and is busy with busy@.
type mailbox struct {
	mu  sync.Mutex
	got []string
}

type mailSession struct {
	box *mailbox
	to  string
}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: b}, nil }
func (s *mailSession) Reset()                                  { s.to = "" }
func (s *mailSession) Logout() error                           { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error    { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "nobody@"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case strings.HasPrefix(to, "busy@"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	}
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.box.mu.Lock()
	s.box.got = append(s.box.got, s.to+"\n"+string(b))
	s.box.mu.Unlock()
	return err
}

func TestMailGoesOutBySMTP(t *testing.T) {
	box := &mailbox{}
	server := smtp.NewServer(box)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	c, err := NewMail("smtp://"+l.Addr().String()+"?tls=none", "", "上林提醒 <notice@example.gov.cn>")
	if err != nil {
		t.Fatal(err)
	}
	m := func(to string) Message {
		return Message{ID: audit.Digest(to), Tenant: "east", To: to, Title: "请补正：缺营业执照", Body: "请在5个工作日内补齐。", Link: "https://example.gov.cn/east/firm"}
	}
	errs := c.Send(context.Background(), []Message{m("a@example.com"), m("nobody@example.com"), m("busy@example.com"), m("b@example.com")})
	if errs[0] != nil || errs[3] != nil || !refused(errs[1]) || errs[2] == nil || refused(errs[2]) {
		t.Errorf("%v", errs)
	}
	if len(box.got) != 2 {
		t.Fatalf("%d arrived", len(box.got))
	}
	for _, want := range []string{"a@example.com\n", "notice@example.gov.cn", "Message-ID: <" + audit.Digest("a@example.com")[:40] + "@example.gov.cn>", "Auto-Submitted: auto-generated"} {
		if !strings.Contains(strings.ReplaceAll(box.got[0], "Message-Id", "Message-ID"), want) {
			t.Errorf("without %q:\n%s", want, box.got[0])
		}
	}
	server.Close()
	if errs := c.Send(context.Background(), []Message{m("a@example.com")}); errs[0] == nil || refused(errs[0]) {
		t.Errorf("a server that is gone: %v", errs)
	}
}

// A server without TLS is given nothing, unless it was said to have none.
//
// Mutation: TLSOpportunistic in place of TLSMandatory → red.
func TestMailInsistsOnTLS(t *testing.T) {
	box := &mailbox{}
	server := smtp.NewServer(box)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	c, err := NewMail("smtp://"+l.Addr().String(), "", "notice@example.gov.cn")
	if err != nil {
		t.Fatal(err)
	}
	if errs := c.Send(context.Background(), []Message{{ID: "1", To: "a@example.com", Title: "x"}}); errs[0] == nil || len(box.got) != 0 {
		t.Errorf("%v, %d arrived", errs, len(box.got))
	}
	for _, wrong := range [][2]string{{"mail.example.com", "a@b.cn"}, {"smtp://user:secret@mail.example.com", "a@b.cn"}, {"smtp://mail.example.com?tls=maybe", "a@b.cn"}, {"smtp://mail.example.com", "nobody"}} {
		if _, err := NewMail(wrong[0], "", wrong[1]); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}

// Mutations: sign without the time; follow redirects; try again what was refused → red.
func TestTheWebhookIsSigned(t *testing.T) {
	secret := "a secret of the webhook"
	var bodies []hooked
	answer := 204
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at, sum, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Shanglin-Signature"), "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(at + "." + string(body)))
		if hex.EncodeToString(mac.Sum(nil)) != sum {
			w.WriteHeader(401)
			return
		}
		var m hooked
		if err := json.Unmarshal(body, &m); err != nil {
			t.Error(err)
		}
		bodies = append(bodies, m)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(answer)
	}))
	defer server.Close()
	c, err := NewHook(server.URL+"/sms", secret)
	if err != nil {
		t.Fatal(err)
	}
	m := Message{ID: "1", Tenant: "east", To: "13800000000", Title: "请补正", Body: "缺营业执照", Link: "https://example.gov.cn/east/firm"}
	for _, code := range []struct {
		code       int
		ok, refuse bool
	}{{204, true, false}, {503, false, false}, {429, false, false}, {400, false, true}, {302, false, true}} {
		answer = code.code
		err := c.Send(context.Background(), []Message{m})[0]
		if (err == nil) != code.ok || refused(err) != code.refuse {
			t.Errorf("%d: %v", code.code, err)
		}
	}
	if len(bodies) != 5 || slices.ContainsFunc(bodies, func(h hooked) bool { return h != hooked(m) }) {
		t.Errorf("%+v", bodies)
	}
	other, err := NewHook(server.URL+"/sms", "another secret of theirs")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Send(context.Background(), []Message{m})[0]; !refused(err) {
		t.Errorf("another secret: %v", err)
	}
	for _, wrong := range [][2]string{{"http://sms.example.gov.cn/x", secret}, {"sms.example.gov.cn", secret}, {"https://sms.example.gov.cn/x", "short"}} {
		if _, err := NewHook(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}
