package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// A licence is to be revoked. On Tuesday 1 September 2026 its holder is told that it may ask for a hearing; the five working days end on the 8th. It
// asks on the 3rd. Of what it is told then, seven working days of notice end on the 14th (the 5th, 6th, 12th and 13th are weekends), so that the 15th
// is the first day of the hearing. Who proposed the revocation does not hold it; nobody signs its record before it began; the holder reads the record
// once it is signed, and says once that it is wrong. Only then may anything be decided.
//
// Mutations that turn this red: let the day after the notice be the last of it; leave keptOff out of goers; sign before the day; show the record to
// the party before it is signed, or not at all; leave the record out of the revocation in the process file; let heard pass while none is held; let the party answer twice; tell those who hold it nothing of another day. (The answer
// out of the digest turns TestAnythingEditedBehindTheSystemIsFound red.)
func TestAHearing(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		a, b := l.speaks("a"), l.speaks("b")
		l.at("2025-03-03")
		c := l.licensed("a", l.rounds["劳务派遣许可申请"])
		l.at("2026-09-01")
		goers := l.goers(licenceOffice)
		room := l.rooms.Casework
		id := l.about("劳务派遣许可处理", c.ID, licenceOfficer)
		clerk, _, err := l.rooms.Accounts.Create(l.in("east"), "east", account.New{Login: "clerk", Name: "承办人", Password: password, Grants: []account.Grant{licenceOfficer}})
		must(l.matrix, clerk, err)
		proposer := clerk.ID
		must(l.matrix, 0, l.tryAs(l.of(proposer, licenceOfficer), "case", id, "提请吊销", "逾期不改正", ""))
		l.refused("before the holder was told", l.try("case", id, "决定吊销", "违反规定", "", licenceLeader), fault.Conflict, "现处于“待吊销”")
		l.do("case", id, "告知听证权", "逾期不改正，拟吊销许可证", "", licenceLeader)
		l.refused("the office waives it", l.try("case", id, "放弃听证", "", "", licenceOfficer), fault.Forbidden, "")
		l.at("2026-09-03")
		l.do("case", id, "要求听证", "已经改正，有整改报告", "", a)

		plan := func(day string, officers ...string) string {
			text, err := json.Marshal(map[string]any{"visit": map[string]any{"dates": []string{day}, "officers": officers, "place": "人力社保局三楼"}})
			return string(must(l.matrix, text, err))
		}
		walker, driver := l.ids["goer walker"], l.ids["goer driver"]
		l.refused("on the last day of the notice", l.try("case", id, "安排听证", "", plan("2026-09-14T09:00:00+08:00", walker, driver), licenceOfficer), fault.Invalid, "最早2026-09-15")
		l.refused("held by one alone", l.try("case", id, "安排听证", "", plan("2026-09-15T09:00:00+08:00", walker), licenceOfficer), fault.Invalid, "至少2名")
		plans, err := room.VisitsOf(goers[0], id)
		must(l.matrix, plans, err)
		if p := plans.Plans[0]; len(plans.Plans) != 1 || !p.Hearing || p.Earliest != "2026-09-15" || p.Action != "安排听证" || !strings.Contains(p.Notice, "7个工作日") {
			t.Errorf("what may be planned: %+v", plans.Plans)
		}
		for _, o := range plans.Plans[0].Officers {
			if o.Account == proposer {
				t.Error("who proposed the revocation is offered to hold the hearing")
			}
		}
		l.refused("held by who proposed it", l.try("case", id, "安排听证", "", plan("2026-09-15T09:00:00+08:00", walker, proposer), licenceOfficer), fault.Invalid, "办过“核查”“待吊销”的不能主持")
		l.do("case", id, "安排听证", "", plan("2026-09-15T09:00:00+08:00", walker, driver), licenceOfficer)
		plans, err = room.VisitsOf(l.as(a), id)
		must(l.matrix, plans, err)
		h := plans.Items[0]
		if !h.Hearing || h.State != "set" || clock.Shown(h.At) != "2026-09-15 09:00" || len(plans.Plans) != 0 || len(h.Items) != 0 {
			t.Errorf("what the holder sees: %+v", h)
		}
		_, err = room.OfferDates(goers[0], h.ID, []string{"2026-09-16T09:00:00+08:00"}, false, "")
		l.refused("the party chooses", err, fault.Invalid, "由部门定")
		_, err = room.OfferDates(goers[0], h.ID, []string{"2026-09-14T09:00:00+08:00"}, true, "场地")
		l.refused("moved into the notice", err, fault.Invalid, "最早2026-09-15")
		must(l.matrix, 0, firstErr(room.OfferDates(goers[0], h.ID, []string{"2026-09-16T09:00:00+08:00"}, true, "场地被占用")))
		for i, want := range []int{0, 1} { // who moved it knows
			notes, _, err := l.rooms.Notes.List(goers[i], notify.Filter{Page: 1, Per: 50})
			must(l.matrix, notes, err)
			got := 0
			for _, n := range notes {
				if n.Title == "听证改了时间" && strings.Contains(n.Body, "2026-09-16 09:00") && strings.Contains(n.Body, "场地被占用") {
					got++
				}
			}
			if got != want {
				t.Errorf("who holds it besides is told %d times, want %d: %+v", got, want, notes)
			}
		}
		l.refused("before it is held", l.try("case", id, "听证结束", "已听证", "", licenceOfficer), fault.Conflict, "“听证”还没有办完")

		say := func(answers ...string) {
			t.Helper()
			var list []casework.NewVisitEntry
			for i, e := range l.said(900, answers...) {
				if i > 0 {
					e.Note = "记录"
				}
				list = append(list, e)
			}
			must(l.matrix, 0, firstErr(room.KeepEntries(goers[0], h.ID, list)))
		}
		l.at("2026-09-15")
		say("yes", "", "", "", "")
		v, err := room.Visit(goers[0], h.ID)
		must(l.matrix, v, err)
		_, err = room.SignVisit(goers[0], h.ID, v.Content)
		l.refused("before its hour", err, fault.Conflict, "还没有开始")
		_, err = room.AnswerRecord(l.as(a), h.ID, true, "")
		l.refused("before it is signed", err, fault.Conflict, "还没有签字")
		l.at("2026-09-16")
		for _, g := range goers {
			if v, err = room.Visit(l.as(a), h.ID); err != nil || len(v.Items) != 0 {
				t.Errorf("before both signed the holder reads %+v, %v", v, err)
			}
			v, err = room.Visit(g, h.ID)
			must(l.matrix, v, err)
			must(l.matrix, 0, firstErr(room.SignVisit(g, h.ID, v.Content)))
		}
		v, err = room.Visit(l.as(a), h.ID)
		if must(l.matrix, v, err); len(v.Items) != 5 || v.Items[2].Standing[0].Note != "记录" || v.PlannedBy != "" || v.Content != "" {
			t.Errorf("the record that the holder reads: %+v", v)
		}
		_, err = room.AnswerRecord(l.as(b), h.ID, true, "")
		l.refused("another firm", err, fault.NotFound, "")
		_, err = room.AnswerRecord(l.as(a), h.ID, false, " ")
		l.refused("wrong without a word", err, fault.Invalid, "写明哪里不对")
		must(l.matrix, 0, firstErr(room.AnswerRecord(l.as(a), h.ID, false, "整改报告没有记入")))
		_, err = room.AnswerRecord(l.as(a), h.ID, true, "")
		l.refused("a second word", err, fault.Conflict, "不能再改")
		v, err = room.Visit(goers[0], h.ID)
		if must(l.matrix, v, err); v.Wrong != "整改报告没有记入" || v.AnsweredAt == "" {
			t.Errorf("what the office reads: %+v", v)
		}
		l.audited(0)
		l.do("case", id, "听证结束", "已举行听证", "", licenceOfficer)
		l.do("case", id, "决定吊销", "听证后仍认定逾期不改正", "", licenceLeader)
		if got := l.seen(a, c.ID); string(got.State) != "revoked" {
			t.Errorf("after the decision: %s", got.State)
		}

		// Who lets the five working days pass has waived it. Told on Thursday 17 September: the 18th, Sunday the 20th, which is worked before the long
		// holiday, the 21st, 22nd and 23rd are the five.
		d := l.licensed("b", l.rounds["劳务派遣许可申请"])
		l.at("2026-09-17")
		other := l.about("劳务派遣许可处理", d.ID, licenceOfficer)
		l.do("case", other, "提请吊销", "逾期不改正", "", licenceOfficer)
		l.do("case", other, "告知听证权", "拟吊销许可证", "", licenceLeader)
		for _, then := range []struct{ day, stage string }{{"2026-09-23", "听证权"}, {"2026-09-24", "待决定吊销"}} {
			l.at(then.day)
			must(l.matrix, 0, l.rooms.Engine.Tick(account.System(l.in("east"))))
			view, err := l.rooms.Engine.Of(l.in("east"), "case", other)
			if must(l.matrix, view, err); view.Instance.Stage != then.stage {
				t.Errorf("on %s it stands at %s", then.day, view.Instance.Stage)
			}
		}

		// The decision of September 2026 is an offence of the party, which a scheme that looks back over three years reads in 2027, 2028 and 2029.
		l.vetoes("a", 2026, policy.Met)
		l.vetoes("a", 2027, policy.Unmet)
		l.vetoes("b", 2027, policy.Met)
		l.vetoes("a", 2029, policy.Unmet)
		l.vetoes("a", 2030, policy.Met)
	})
}

// vetoes is the answer, for a year, of a scheme that is not for who has offended gravely in three years, where the list of offences is complete.
func (l *licensing) vetoes(party string, year int, want policy.Answer) {
	l.t.Helper()
	l.at(fmt.Sprintf("%d-12-31", year))
	ctx := l.in("east")
	_, err := l.rooms.Registry.Cover(ctx, "违法记录", clock.Today(ctx), "处罚台账")
	must(l.matrix, 0, err)
	library, err := schemes.Library(ctx)
	must(l.matrix, 0, err)
	facts, err := l.rooms.Registry.FactsOf(ctx, library.Vocabulary(), l.parties["east/"+party])
	must(l.matrix, 0, err)
	got := library.Scheme("licence-reader/守法企业服务").Evaluate(policy.Question{Facts: facts, On: policy.NewDate(year, 12, 31), Performance: year})
	if got.Answer != want {
		l.t.Errorf("in %d the scheme that vetoes answers %s, want %s: %+v", year, got.Answer, want, got)
	}
}
