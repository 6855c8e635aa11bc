package process

import (
	"testing"

	"shanglin/internal/platform/fault"
)

// The whole course of a case and its round, each step by who may.
func TestCourse(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.begin("a", "p1", "r")
		h.ok("firm1", "case", "a", "submit")
		h.at("a", "desk")
		h.ok("desk-a", "case", "a", "remark", because("字迹不清"))
		h.at("a", "desk")
		h.ok("desk-a", "case", "a", "ask", data(map[string]any{"items": []string{"营业执照"}}))
		h.at("a", "mend")
		h.ok("firm1", "case", "a", "resubmit")
		h.ok("desk-a2", "case", "a", "accept")
		h.at("a", "checks")
		h.do("tax", "a", "tax", "report", because("无欠税"))
		h.at("a", "checks")
		h.do("safety", "a", "safety", "report")
		h.at("a", "review")
		h.refused("before every case is ready", h.try("review", "round", "r", "gather"), fault.Conflict, "还有1件没有办到“待集中”")
		h.ok("review", "case", "a", "pass", data(map[string]any{"amount": 100}))
		h.at("a", "gathered")
		h.ok("review", "case", "a", "recheck", because("漏看一页"))
		h.at("a", "review")
		h.ok("review", "case", "a", "pass")
		h.ok("review", "round", "r", "gather")
		h.at("a", "deciding")
		h.ok("boss", "round", "r", "agree", because("同意"))
		h.at("a", "paying")
		if _, err := h.e.Happened(h.as("finance"), "case", "a", "sunrise", ""); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("it waits for another event: %v", err)
		}
		i, err := h.e.Happened(h.as("finance"), "case", "a", "paid", "3月5日到账")
		if err != nil || i.Stage != "paid" || i.Outcome != "granted" {
			t.Errorf("paid: %+v, %v", i, err)
		}
		_, err = h.e.Happened(h.as("finance"), "case", "a", "paid", "3月5日到账")
		h.refused("paid twice", err, fault.Conflict, "paid")
		if r := h.view("boss", "round", "r"); r.Instance.Outcome != "done" || len(r.Tasks) != 0 || len(r.Always) != 0 {
			t.Errorf("the round: %+v", r)
		}
		h.clean()
	})
}
