package server

import (
	"fmt"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
)

// What a holder of a licence has to do next, by day. Issued on 12 March 2024 it ends on 11 March 2027. Sixty days before that is 10 January
// 2027, a Sunday of a year whose days off are not published: the last day is not known, and what is handed in on 31 December 2026 is in time
// all the same. Reported for 2023 it reports for 2026 by 31 March 2027, called on or not.
//
// Mutations that turn this red: refuse what is in time by any calendar (Earliest); leave out that a case was begun; count the duty of whoever
// does not meet it; take the day after days off moved it for the nominal one; let another firm read it.
func TestWhatAHolderHasToDoNext(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		l.at("2024-03-12")
		a, b := l.speaks("a"), l.speaks("b")
		c := l.licensed("a", l.rounds["劳务派遣许可申请"])
		dues := func(g account.Grant) (out []string) {
			l.t.Helper()
			list, err := l.rooms.Casework.Dues(l.as(g), a.Party)
			must(l.matrix, list, err)
			for _, d := range list {
				begun := ""
				if d.Case != "" {
					begun = fmt.Sprintf("%s %v %v", d.Stage, d.Waits, d.Submitted)
				}
				out = append(out, fmt.Sprint(d.Title, "|", d.Nominal, "|", d.Limit.Due, "|", d.Limit.Unknown, "|", d.Limit.Late, "|", d.Certificate == c.ID, "|", d.Round != "", "|", begun))
			}
			return out
		}
		same := func(when string, got []string, want ...string) {
			l.t.Helper()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				l.t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		report := "劳务派遣单位年度经营情况报告|2027-03-31||2027年放假安排尚未公布|false|false|false|"
		renew := "劳务派遣许可延续|2027-01-10||2027年放假安排尚未公布|false|true|"
		l.at("2025-03-10")
		// 31 March 2025 is a Monday.
		same("in 2025", dues(a), "劳务派遣单位年度经营情况报告|2025-03-31|2025-03-31||false|false|false|", renew+"true|")
		l.at("2026-12-31")
		same("before it is begun", dues(a), renew+"true|", report)
		if _, err := l.rooms.Casework.Dues(l.as(b), a.Party); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another firm reads it: %v", err)
		}
		if list, err := l.rooms.Casework.Dues(l.as(b), b.Party); err != nil || len(list) != 0 {
			t.Errorf("who holds nothing has to do %v, %v", list, err)
		}
		k := l.about("劳务派遣许可延续", c.ID, a)
		l.filled(k, a, nil)
		same("begun", dues(a), renew+"false|填报 true false", report)
		l.do("case", k, "提交", "", "", a)
		same("handed in", dues(a), renew+"false|收件 false true", report)
		l.do("case", k, "一次性告知补正", "", `{"items":[{"text":"缺2024年的报告"}]}`, licenceOfficer)
		same("sent back", dues(a), renew+"false|补正 true true", report)
	})
}

// What a certificate says on paper is what it said when it was last issued: a change and a renewal issue it again under the same number, and
// the public is told when and why, but not what it said of persons. Deemed renewed nothing is printed anew.
//
// Mutations that turn this red: take the day from which a renewal counts for that of its issue; tell the public what changed in full; leave
// the first issue's day where there was an amendment; count a request for renewal; tell the office of persons in full.
func TestWhenACertificateWasLastIssued(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		a := l.speaks("a")
		c := l.licensed("a", l.rounds["劳务派遣许可申请"])
		was := func(when, day, why string) {
			l.t.Helper()
			if v := l.public(c.Number); v.Print.On.String() != day || v.Print.Why != why || v.Number != c.Number {
				l.t.Errorf("%s: issued %s (%s), want %s (%s)", when, v.Print.On, v.Print.Why, day, why)
			}
			if v := l.seen(a, c.ID); v.Print == nil || v.Print.On.String() != day {
				l.t.Errorf("%s: its holder reads %+v", when, v.Print)
			}
		}
		was("issued", "2023-07-01", "发证")
		l.at("2024-03-04")
		id := l.about("劳务派遣许可变更", c.ID, a)
		l.filled(id, a, &casework.CertificateDraft{Holder: "甲人力资源有限公司", Details: map[string]string{"法定代表人": "李大方", "注册资本": "600万元"}})
		l.do("case", id, "提交", "", "", a)
		was("asked", "2023-07-01", "发证")
		// Who decides reads what is to change beside what stands there now, persons in part; in full with a reason, which is logged.
		reads := func(g account.Grant) string {
			app, err := l.rooms.Casework.ApplicationOf(l.as(g), id)
			must(l.matrix, app, err)
			return fmt.Sprint(app.Certificate.Number, app.Entries)
		}
		if got, want := reads(licenceOfficer), "示例派20230001[{名称 甲人力资源有限公司 easta电器有限公司} {法定代表人 李** 王**} {注册资本 600万元 200万元}]"; got != want {
			l.t.Errorf("the office reads %s, want %s", got, want)
		}
		if got, want := reads(a), "示例派20230001[{名称 甲人力资源有限公司 easta电器有限公司} {法定代表人 李大方 王小明} {注册资本 600万元 200万元}]"; got != want {
			l.t.Errorf("the firm reads %s, want %s", got, want)
		}
		whom, err := l.rooms.Casework.UnmaskApplication(l.as(licenceOfficer), id, "核对变更后的营业执照")
		if must(l.matrix, whom, err); len(whom.Entries) != 3 || whom.Entries[1].Value != "李大方" {
			l.t.Errorf("in full: %+v", whom)
		}
		l.do("case", id, "准予变更", "", "", licenceOfficer)
		was("amended", "2024-03-04", "变更名称、法定代表人、注册资本")
		l.at("2026-04-20")
		id = l.about("劳务派遣许可延续", c.ID, a)
		l.filled(id, a, nil)
		l.do("case", id, "提交", "", "", a)
		was("renewal requested", "2024-03-04", "变更名称、法定代表人、注册资本")
		l.do("case", id, "受理", "", "", licenceOfficer)
		l.at("2026-05-20")
		l.do("case", id, "准予延续", "同意", "", licenceOfficer)
		was("renewed, to 2029", "2026-05-20", "延续")
	})
}
