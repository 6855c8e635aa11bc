package main

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// Stages of a round at which it is settled, and at which it is decided.
const (
	killSettled = `('冻结结算', '公示', '决定', '资金下达', '兑付', '办结')`
	killDecided = `('资金下达', '兑付', '办结')`
)

// wrong counts what must not be there, whenever the process was killed.
type wrong struct{ what, query string }

var wrongsOfCases = []wrong{
	{"two live applications of a party for a scheme in a round", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM cases WHERE ended IN ('', 'granted') GROUP BY round, scheme, party HAVING COUNT(*) > 1) AS d`},
	{"a number twice", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM cases WHERE number <> '' GROUP BY number HAVING COUNT(*) > 1) AS d`},
	{"a number that was counted and never given", `SELECT COUNT(*) FROM rounds AS r WHERE r.cases <> (SELECT COUNT(*) FROM cases AS c WHERE c.round = r.id AND c.number <> '')`},
	{"a case that stands elsewhere than its process says", `SELECT COUNT(*) FROM cases AS c LEFT JOIN process_instances AS i ON i.flow = 'case' AND i.subject = c.id
		WHERE i.id IS NULL OR i.stage <> c.stage OR i.number <> c.number OR i.outcome <> c.ended`},
	{"an open task of a stage that was left", `SELECT COUNT(*) FROM process_tasks AS t JOIN process_instances AS i ON i.id = t.instance WHERE t.state = 'open' AND (t.stage <> i.stage OR t.visit <> i.visit)`},
}

var wrongsOfRounds = []wrong{
	{"a case that is half submitted", `SELECT COUNT(*) FROM cases AS c LEFT JOIN case_evaluations AS e ON e.id = c.evaluation
		WHERE (c.number <> '' AND (c.stage = '填报' OR c.submitted_at = '' OR e.id IS NULL)) OR (c.number = '' AND (c.stage <> '填报' OR c.submitted_at <> ''))`},
	{"a settled round with a case that is not, or one settled too early", `SELECT COUNT(*) FROM cases AS c JOIN rounds AS r ON r.id = c.round JOIN process_instances AS i ON i.flow = 'round' AND i.subject = r.id
		WHERE (i.stage IN ` + killSettled + ` AND c.ended <> 'withdrawn' AND (c.settled <= 0 OR r.frozen_at = '' OR c.stage IN ('待结算', '审核')))
		OR (i.stage NOT IN ` + killSettled + ` AND (c.settled >= 0 OR r.frozen_at <> '' OR c.stage = '待公示'))`},
	{"a decided round with a case that is not, or the other way round", `SELECT COUNT(*) FROM cases AS c JOIN process_instances AS i ON i.flow = 'round' AND i.subject = c.round
		LEFT JOIN decision_lines AS l ON l.case_id = c.id LEFT JOIN awards AS a ON a.case_id = c.id
		WHERE (i.stage IN ` + killDecided + ` AND c.ended <> 'withdrawn' AND (c.awarded <> c.settled OR l.amount IS NULL OR l.amount <> c.awarded OR a.amount IS NULL OR a.amount <> c.awarded OR c.stage NOT IN ('待兑付', '已兑付')))
		OR (i.stage NOT IN ` + killDecided + ` AND (c.awarded >= 0 OR l.amount IS NOT NULL OR a.amount IS NOT NULL))`},
	{"a case that lapsed and goes on", `SELECT COUNT(*) FROM cases AS c WHERE c.ended = 'withdrawn' AND (c.stage <> '撤回' OR c.settled >= 0 OR c.awarded >= 0
		OR (SELECT COUNT(*) FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id WHERE i.flow = 'case' AND i.subject = c.id AND s.kind = 'lapse') <> 1)`},
	{"a case with two awards", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM awards GROUP BY case_id HAVING COUNT(*) > 1) AS d`},
	{"an award that is paid and its case is not, or the other way round", `SELECT COUNT(*) FROM awards AS a JOIN cases AS c ON c.id = a.case_id
		WHERE (a.state = 'paid') <> (c.paid = a.amount) OR (a.state = 'paid') <> (c.stage = '已兑付')`},
	{"a party that received and the registry does not know it, or the other way round", `SELECT COUNT(*) FROM parties AS p WHERE
		(SELECT COUNT(*) FROM awards AS a WHERE a.party = p.id AND a.state = 'paid') <> (SELECT COUNT(*) FROM facts AS f WHERE f.party = p.id AND f.term LIKE 'received:%' AND f.verified = 1)`},
}

// wrongsOfMoney are of every walk in which somebody is paid.
var wrongsOfMoney = []wrong{
	{"two decisions of a round, or one whose total is not that of its lines", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM decisions GROUP BY round HAVING COUNT(*) > 1
		UNION ALL SELECT 1 AS x FROM decisions AS d WHERE d.total <> (SELECT COALESCE(SUM(l.amount), 0) FROM decision_lines AS l WHERE l.decision = d.id)) AS d`},
	{"a booking that does not balance", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM ledger_entries AS e LEFT JOIN ledger_lines AS l ON l.entry = e.id GROUP BY e.id HAVING COALESCE(SUM(l.amount), -1) <> 0) AS d`},
	{"a budget that promised other than the awards", `SELECT COUNT(*) FROM budgets AS b WHERE b.committed <> (SELECT COALESCE(SUM(s.amount), 0) FROM award_shares AS s WHERE s.budget = b.id)
		OR b.paid <> (SELECT COALESCE(SUM(s.amount), 0) FROM award_shares AS s JOIN awards AS a ON a.id = s.award WHERE s.budget = b.id AND a.state = 'paid')
		OR b.paid <> (SELECT COALESCE(SUM(l.amount), 0) FROM ledger_lines AS l WHERE l.budget = b.id AND l.account = 'paid')`},
	{"paid > promised > budget", `SELECT COUNT(*) FROM budgets WHERE paid < 0 OR paid > committed OR committed > total`},
	{"an award whose shares are not its amount", `SELECT COUNT(*) FROM awards AS a WHERE a.amount <> (SELECT COALESCE(SUM(s.amount), 0) FROM award_shares AS s WHERE s.award = a.id)`},
	{"an award with two payments", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM payment_lines WHERE state IN ('waiting', 'sent', 'paid') GROUP BY award HAVING COUNT(*) > 1) AS d`},
	{"an award and its payment that do not agree", `SELECT COUNT(*) FROM awards AS a LEFT JOIN payment_lines AS l ON l.award = a.id
		WHERE (a.state = 'paid') <> (EXISTS (SELECT 1 FROM payment_lines AS p WHERE p.award = a.id AND p.state = 'paid')) OR l.amount <> a.amount`},
	{"an award that was booked as paid more or less often than it is", `SELECT COUNT(*) FROM awards AS a WHERE (CASE WHEN a.state = 'paid' THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM ledger_entries AS e WHERE e.award = a.id AND e.kind = 'pay' AND NOT EXISTS (SELECT 1 FROM ledger_entries AS c WHERE c.corrects = e.id))`},
	{"a bank's result that is half booked", `SELECT COUNT(*) FROM bank_results AS r JOIN bank_result_rows AS w ON w.result = r.id JOIN payment_lines AS l ON l.id = w.line
		WHERE w.problems <> '' OR (r.state = 'staged' AND l.result = r.id)
		OR (r.state = 'applied' AND NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.line = l.code AND e.kind = CASE w.outcome WHEN 'paid' THEN 'pay' ELSE 'fail' END))`},
	{"a batch that is done with a payment that waits, or the other way round", `SELECT COUNT(*) FROM payment_batches AS b
		WHERE (b.state = 'done') = (EXISTS (SELECT 1 FROM payment_lines AS l WHERE l.batch = b.id AND l.state IN ('waiting', 'sent')))`},
}

// wrongsOfPapers are of every walk that issues documents.
var wrongsOfPapers = []wrong{
	{"a document's number twice, or one that was left out", `SELECT COUNT(*) FROM paper_series AS s WHERE s.last <> (SELECT COUNT(DISTINCT p.number) FROM papers AS p
		WHERE p.department = s.department AND p.series = s.series AND p.year = s.year AND p.number BETWEEN 1 AND s.last)`},
	{"a document with a number that is not issued, or the other way round", `SELECT COUNT(*) FROM papers WHERE (state IN ('issued', 'delivered')) <> (number > 0) OR (number > 0) <> (file <> '')`},
}

// check opens the database of the killed process and looks: what was acknowledged, what must not be, and the log.
func (k *killer) check() {
	k.t.Helper()
	inst, err := store.Open(k.ctx, k.url)
	k.must(err)
	defer inst.Close()
	db, err := inst.Tenant(k.ctx, killTenant)
	k.must(err)
	ctx := account.System(store.In(k.ctx, db))
	k.must(store.Read(ctx, func(ctx context.Context) error {
		for _, w := range k.walk.wrongs {
			if n := k.count(ctx, w.query); n != 0 {
				k.t.Errorf("after kill %d (%s): %s: %d", k.killed, k.phase, w.what, n)
			}
		}
		k.acknowledged(ctx)
		for d := range k.broken {
			if k.phaseDone(ctx, d) {
				k.doneAnyway[d.phase]++
			}
		}
		clear(k.broken)
		return nil
	}))
	found, err := audit.Verify(ctx)
	k.must(err)
	if len(found.Problems) > 0 {
		k.t.Errorf("after kill %d (%s) the log: %+v", k.killed, k.phase, found.Problems)
	}
}

func (k *killer) count(ctx context.Context, query string, args ...any) int {
	k.t.Helper()
	n := 0
	if err := store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &n); err != nil {
		k.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// acknowledged looks for everything that a client was told is done.
func (k *killer) acknowledged(ctx context.Context) {
	k.t.Helper()
	for id, number := range k.numbers {
		if number == "" || k.count(ctx, `SELECT COUNT(*) FROM cases WHERE id = ? AND number = ?`, id, number) != 1 {
			k.t.Errorf("after kill %d (%s) a submitted application is lost", k.killed, k.phase)
		}
	}
	for d := range k.told {
		if !k.phaseDone(ctx, d) {
			k.t.Errorf("after kill %d (%s) what was done is lost: %s", k.killed, k.phase, d.phase)
		}
	}
}

// phaseDone says whether a deed is in the database.
func (k *killer) phaseDone(ctx context.Context, d deed) bool {
	k.t.Helper()
	return k.count(ctx, k.walk.done[d.phase], d.about) == 1
}
