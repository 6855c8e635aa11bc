package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// goers are two officers of the department who may be sent.
func (m *matrix) goers(department string) []context.Context {
	var out []context.Context
	for _, login := range []string{"walker", "driver"} {
		g := account.Grant{Role: account.RoleOfficer, Department: department}
		if m.ids["goer "+login] == "" {
			a, _, err := m.rooms.Accounts.Create(m.in("east"), "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{g}})
			must(m, a, err)
			m.ids["goer "+login] = a.ID
		}
		out = append(out, m.of(m.ids["goer "+login], g))
	}
	return out
}

func onePhoto(shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.Gray{Y: shade})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// phoneID is the n-th id that a phone makes.
func phoneID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }

// plan plans a visit of a case and gives its id.
func (l *licensing) plan(id string) string {
	l.t.Helper()
	l.goers(licenceOffice)
	l.do("case", id, "安排核查", "", l.planned(l.ids["goer walker"], l.ids["goer driver"]), licenceOfficer)
	list, err := l.rooms.Casework.VisitsOf(l.as(licenceOfficer), id)
	must(l.matrix, list, err)
	return list.Items[0].ID
}

func (l *licensing) tomorrow() string {
	return clock.Now(l.ctx).Add(24 * time.Hour).Format(time.RFC3339)
}

func (l *licensing) planned(officers ...string) string {
	text, err := json.Marshal(map[string]any{"visit": map[string]any{"dates": []string{l.tomorrow()}, "officers": officers, "place": "甲路1号"}})
	return string(must(l.matrix, text, err))
}

// said are answers to the six items, from the n-th id on.
func (l *licensing) said(n int, answers ...string) []casework.NewVisitEntry {
	var out []casework.NewVisitEntry
	for i, a := range answers {
		note := ""
		if a == "no" || a == "unsure" || a == "" {
			note = "看到的情况"
		}
		out = append(out, casework.NewVisitEntry{ID: phoneID(n + i), Item: fmt.Sprint(i + 1), Answer: a, Note: note, SaidAt: clock.Now(l.ctx).Format(time.RFC3339)})
	}
	return out
}

func (l *licensing) photo(who context.Context, visit string, n int, item string, shade uint8) error {
	return firstErr(l.rooms.Casework.KeepPhoto(who, visit, casework.NewVisitPhoto{ID: phoneID(n), Item: item, TakenAt: l.tomorrow(), Name: "门头.png", Content: bytes.NewReader(onePhoto(shade))}))
}

// visit walks a visit of a case from its plan to both signatures.
func (l *licensing) visit(caseID string, party account.Grant, answers ...string) {
	l.t.Helper()
	l.phones += 1000
	n := l.phones
	who := l.goers(licenceOffice)
	id := l.plan(caseID)
	v, err := l.rooms.Casework.Visit(l.as(party), id)
	must(l.matrix, v, err)
	must(l.matrix, 0, firstErr(l.rooms.Casework.AnswerVisit(l.as(party), id, v.Offered[0], "")))
	must(l.matrix, 0, firstErr(l.rooms.Casework.KeepEntries(who[0], id, l.said(n, answers...))))
	must(l.matrix, 0, l.photo(who[0], id, n+100, "1", 1))
	must(l.matrix, 0, l.photo(who[1], id, n+101, "3", 2))
	for _, w := range who {
		v, err := l.rooms.Casework.Visit(w, id)
		must(l.matrix, v, err)
		must(l.matrix, 0, firstErr(l.rooms.Casework.SignVisit(w, id, v.Content)))
	}
}

// asked is firm a's application under review.
func (l *licensing) asked() (id string, firm account.Grant) {
	l.t.Helper()
	firm = l.speaks("a")
	must(l.matrix, 0, firstErr(l.rooms.Registry.State(l.in("east"), registry.Statement{Party: firm.Party, Term: "注册资本", Value: "200万元", Evidence: "验资报告"})))
	k, err := l.rooms.Casework.Begin(l.as(firm), l.rounds["劳务派遣许可申请"], licence, firm.Party)
	must(l.matrix, k, err)
	l.filled(k.ID, firm, &casework.CertificateDraft{Details: firstDetails})
	l.do("case", k.ID, "提交", "", "", firm)
	l.do("case", k.ID, "受理", "", "", licenceOfficer)
	return k.ID, firm
}

// Two officers look at the place; their phones send late, twice and crosswise, and nothing is lost or doubled.
//
// Mutations that turn this red: take one officer for enough; let who does not go enter; insert without asking whether the id is there; let a
// second entry replace the first though its author had not seen it; sign what differs; let a signature stand after a new entry; drop what
// comes after the end; pass visited while one is open, or with what nobody could tell; leave visitEvidence out of pin; show findings to the party.
func TestAVisitIsSentOnceMergedAndSigned(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		id, firm := l.asked()
		who := l.goers(licenceOffice)
		room := l.rooms.Casework
		l.refused("before any visit", l.try("case", id, "准予许可", "同意", "", licenceOfficer), fault.Conflict, "还没有现场核查“经营场所和设施核查”（劳务派遣行政许可实施办法（人社部令第19号）第十一条")
		l.refused("one officer", l.try("case", id, "安排核查", "", l.planned(l.ids["goer walker"]), licenceOfficer), fault.Invalid, "工作人员")
		l.refused("the same twice", l.try("case", id, "安排核查", "", l.planned(l.ids["goer walker"], l.ids["goer walker"]), licenceOfficer), fault.Invalid, "工作人员")
		l.refused("somebody of nowhere", l.try("case", id, "安排核查", "", l.planned(l.ids["goer walker"], "nobody"), licenceOfficer), fault.Invalid, "工作人员")
		visit := l.plan(id)
		l.refused("a second one at once", l.try("case", id, "安排核查", "", l.planned(l.ids["goer walker"], l.ids["goer driver"]), licenceOfficer), fault.Conflict, "已经安排了一次")

		// The party asks for another date, is offered one and takes it; it sees no finding.
		must(l.matrix, 0, firstErr(room.AnswerVisit(l.as(firm), visit, "", "下周三上午")))
		later := clock.Now(l.ctx).Add(72 * time.Hour)
		must(l.matrix, 0, firstErr(room.OfferDates(who[0], visit, []string{later.Format(time.RFC3339)}, false, "")))
		l.refused("what is no longer offered", firstErr(room.AnswerVisit(l.as(firm), visit, store.Stamp(clock.Now(l.ctx).Add(24*time.Hour)), "")), fault.Invalid, "从给出的时间")
		v, err := room.AnswerVisit(l.as(firm), visit, store.Stamp(later), "")
		must(l.matrix, v, err)
		if v.State != "set" || len(v.Items) != 0 || v.Wish != "" {
			t.Errorf("the party sees %+v", v)
		}

		// The first sends all; the answer is lost on the way and it sends again.
		first := l.said(1, "yes", "120.5", "yes", "yes", "yes", "")
		for range 2 {
			v, err = room.KeepEntries(who[0], visit, first)
			must(l.matrix, v, err)
		}
		if len(v.Items) != 6 || len(v.Items[1].Standing) != 1 || v.Items[1].Standing[0].Answer != "120.5" {
			t.Fatalf("sent twice: %+v", v.Items)
		}
		changed := first[:1:1]
		changed[0].Answer = "no"
		l.refused("the same id says something else", firstErr(room.KeepEntries(who[0], visit, changed)), fault.Conflict, "编号相同、内容不同")
		first[0].Answer = "yes"
		l.refused("who does not go", firstErr(room.KeepEntries(l.as(licenceOfficer), visit, l.said(900, "yes"))), fault.Forbidden, "被指派")
		l.refused("the party", firstErr(room.KeepEntries(l.as(firm), visit, l.said(900, "yes"))), fault.Forbidden, "被指派")
		l.refused("an area that is no figure", firstErr(room.KeepEntries(who[0], visit, []casework.NewVisitEntry{{ID: phoneID(901), Item: "2", Answer: "一百", SaidAt: l.tomorrow()}})), fault.Invalid, "")

		// The second wrote of the first item without having seen that: both stand, and who sees both says what holds.
		must(l.matrix, 0, l.photo(who[0], visit, 201, "1", 1))
		must(l.matrix, 0, l.photo(who[0], visit, 201, "1", 1))
		must(l.matrix, 0, l.photo(who[1], visit, 202, "3", 2))
		l.refused("another photo under the same id", l.photo(who[0], visit, 201, "1", 9), fault.Conflict, "内容不同")
		v, err = room.KeepEntries(who[1], visit, l.said(50, "no"))
		must(l.matrix, v, err)
		if x := v.Items[0]; !x.Differs || len(x.Standing) != 2 || len(v.Photos) != 2 {
			t.Errorf("two at once: %+v, %d photos", x, len(v.Photos))
		}
		l.refused("signing what differs", firstErr(room.SignVisit(who[0], visit, v.Content)), fault.Conflict, "第1项有不同的填写")
		v, err = room.KeepEntries(who[1], visit, []casework.NewVisitEntry{{ID: phoneID(60), Item: "1", Answer: "yes", Note: "门牌已核对", Seen: []string{phoneID(1), phoneID(50)}, SaidAt: l.tomorrow()}})
		must(l.matrix, v, err)
		if x := v.Items[0]; x.Differs || len(x.Standing) != 1 || len(x.Earlier) != 2 {
			t.Errorf("merged: %+v", x)
		}

		// A signature stands for what was seen, and only while that stands.
		seen := v.Content
		must(l.matrix, 0, firstErr(room.SignVisit(who[0], visit, seen)))
		v, err = room.KeepEntries(who[1], visit, []casework.NewVisitEntry{{ID: phoneID(61), Item: "4", Answer: "unsure", Note: "二楼上锁", Seen: []string{phoneID(4)}, SaidAt: l.tomorrow()}})
		must(l.matrix, v, err)
		l.refused("what was not seen", firstErr(room.SignVisit(who[1], visit, seen)), fault.Conflict, "刚刚有了变化")
		must(l.matrix, 0, firstErr(room.SignVisit(who[1], visit, v.Content)))
		l.refused("one signature is of the past", l.try("case", id, "准予许可", "同意", "", licenceOfficer), fault.Conflict, "还没有办完")
		v, err = room.SignVisit(who[0], visit, v.Content)
		must(l.matrix, v, err)
		if v.State != "done" || v.Officers[0].SignedAt == "" || v.Officers[1].SignedAt == "" {
			t.Errorf("signed by both: %+v", v)
		}
		l.refused("what nobody could tell", l.try("case", id, "准予许可", "同意", "", licenceOfficer), fault.Conflict, "无法确认，请再次核查")

		// What comes from a phone after the end is kept beside it.
		v, err = room.KeepEntries(who[0], visit, []casework.NewVisitEntry{{ID: phoneID(70), Item: "2", Answer: "99", SaidAt: l.tomorrow()}})
		must(l.matrix, v, err)
		if x := v.Items[1]; len(x.Late) != 1 || x.Standing[0].Answer != "120.5" || v.State != "done" {
			t.Errorf("late: %+v", x)
		}

		// The second visit says no, the third yes: what a scheme leaves to people is answered by the last.
		l.visit(id, firm, "yes", "120", "yes", "no", "yes", "")
		if k, err := l.rooms.Casework.Case(l.as(licenceOfficer), id); must(l.matrix, k, err).Assessment.Answer != policy.Unmet {
			t.Errorf("found wanting, the case stands at %s", k.Assessment.Answer)
		}
		l.refused("found wanting", l.try("case", id, "准予许可", "同意", "", licenceOfficer), fault.Conflict, "不符合条件")
		l.visit(id, firm, "yes", "120", "yes", "yes", "yes", "")
		must(l.matrix, 0, l.try("case", id, "准予许可", "同意", "", licenceOfficer))
		l.audited(0)
		must(l.matrix, 0, store.Write(l.in("east"), func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`UPDATE visit_entries SET answer = 'yes' WHERE id = ?`, phoneID(61)).Exec(ctx)
			return err
		}))
		found, err := audit.Verify(l.in("east"))
		if must(l.matrix, found, err); len(found.Problems) != 1 {
			t.Errorf("an answer edited behind the system: %+v", found.Problems)
		}
	})
}

// Many send the same at once, as a phone does that comes back and retries: one is kept, and nobody is told that it failed.
func TestAVisitSentByManyAtOnceIsKeptOnce(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		id, firm := l.asked()
		visit := l.plan(id)
		v, err := l.rooms.Casework.Visit(l.as(firm), visit)
		must(l.matrix, v, err)
		must(l.matrix, 0, firstErr(l.rooms.Casework.AnswerVisit(l.as(firm), visit, v.Offered[0], "")))
		who := l.goers(licenceOffice)
		errs := make([]error, 12)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				if i%3 == 2 { // a photo among them
					errs[i] = l.photo(who[0], visit, 300, "1", 1)
					return
				}
				errs[i] = firstErr(l.rooms.Casework.KeepEntries(who[i%2], visit, l.said(1+10*(i%2), "yes", "120", "yes", "yes", "yes", "")))
			})
		}
		all.Wait()
		for i, err := range errs {
			if err != nil {
				t.Errorf("sending %d: %v", i, err)
			}
		}
		v, err = l.rooms.Casework.Visit(who[0], visit)
		must(l.matrix, v, err)
		for _, x := range v.Items {
			if len(x.Standing) != 2 || x.Differs || len(x.Earlier) != 0 {
				t.Errorf("item %s: %+v", x.Item, x)
			}
		}
		if len(v.Photos) != 1 {
			t.Errorf("%d photos", len(v.Photos))
		}
		if text := strings.Join(v.Lacking, ""); text != "第3项没有拍照" {
			t.Errorf("lacking: %s", text)
		}
		l.audited(0)
	})
}
