package panel

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Note keeps what the minutes say besides the figures (officers of the department), until the chair signs them.
func (r *Room) Note(ctx context.Context, panel string, version int64, note string) (*Panel, error) {
	note = strings.TrimSpace(note)
	if n := utf8.RuneCountInString(note); n == 0 || n > 5000 || !store.Plain(note) {
		return nil, fault.New(fault.Invalid, "请填写评审意见", fault.At("note", "请填写评审意见，不超过5000字"))
	}
	var out *Panel
	err := store.Write(ctx, func(ctx context.Context) error {
		p, err := visible(ctx, panel)
		if err != nil {
			return err
		}
		if err := mayKeep(ctx, p.Department); err != nil {
			return err
		}
		switch {
		case p.State != stateScored:
			return fault.New(fault.Conflict, "评分还没有汇总，不能填写纪要")
		case p.SignedAt != "":
			return fault.New(fault.Conflict, "纪要已经签署，不能再改")
		case p.Version != version:
			return fault.New(fault.Conflict, "专家组刚刚有了别的变动，请刷新后再试")
		}
		p.Note = note
		if err := p.changed(ctx, "panel.noted", nil); err != nil {
			return err
		}
		out, err = r.view(ctx, p)
		return err
	})
	return out, err
}

// Sign signs the minutes: the panel's chair, once their words are there.
func (r *Room) Sign(ctx context.Context, panel string) (*Seat, error) {
	var out *Seat
	err := store.Write(ctx, func(ctx context.Context) error {
		s, err := lock(ctx, panel)
		if err != nil {
			return err
		}
		switch {
		case s.panel.Chair != s.expert.ID:
			return fault.New(fault.Forbidden, "评审会纪要由专家组组长签署")
		case s.panel.SignedAt != "":
			return fault.New(fault.Conflict, "纪要已经签署")
		case s.panel.Note == "":
			return fault.New(fault.Conflict, "经办人员还没有填写评审意见")
		}
		s.panel.SignedAt = store.Stamp(clock.Now(ctx))
		if err := s.panel.changed(ctx, "panel.signed", map[string]string{"expert": s.expert.ID}); err != nil {
			return err
		}
		out, err = r.seat(ctx, panel)
		return err
	})
	return out, err
}

// Minutes writes the minutes of a panel (评审会纪要) as a document, for the desk and its chair. Conflict before the scores are in.
func (r *Room) Minutes(ctx context.Context, panel string, w io.Writer) error {
	var d *document.Document
	err := store.Read(ctx, func(ctx context.Context) error {
		p, err := visible(ctx, panel)
		if fault.CodeOf(err) == fault.NotFound {
			s, mine := own(ctx, panel)
			if mine != nil || s.panel.Chair != s.expert.ID {
				return err
			}
			p, err = s.panel, nil
		}
		if err != nil {
			return err
		}
		if p.State != stateScored {
			return fault.New(fault.Conflict, "评分还没有汇总，没有纪要")
		}
		v, err := r.view(ctx, p)
		if err != nil {
			return err
		}
		places, err := r.cases.Places(ctx, p.Round)
		if err != nil {
			return err
		}
		d = v.minutes(places)
		return nil
	})
	if err != nil {
		return err
	}
	return d.Write(w)
}

func (v *Panel) minutes(places []Place) *document.Document {
	heading := func(text string) document.Block { return document.Block{Level: 1, Text: text} }
	text := func(format string, a ...any) document.Block { return document.Block{Text: fmt.Sprintf(format, a...)} }
	var attended, excused []string
	for _, t := range v.Lot {
		switch {
		case t.Submitted > 0:
			who := t.Name + "（" + t.Employer + "）"
			if t.Recused > 0 {
				who += fmt.Sprintf("，%s%d件：%s", map[bool]string{true: "没有评", false: "回避"}[t.State == ticketOut], t.Recused, t.Reason)
			}
			attended = append(attended, who)
		case t.State == ticketOut && t.Position > 0:
			excused = append(excused, t.Name+"（"+t.Reason+"）")
		}
	}
	d := &document.Document{Title: v.RoundTitle + "\n评审会纪要"}
	d.Body = append(d.Body, heading("专家的抽取"), text("%s从符合条件的专家中随机抽取，抽取次序以随机数%s为密钥对各位专家的编号计算HMAC-SHA256，从小到大排列；%s。",
		shown(v.DrawnAt), v.Seed, map[bool]string{true: "按留存的记录复核一致", false: "按留存的记录复核不一致"}[v.Holds]), text("%s", v.Rules))
	for _, t := range v.Lot {
		if t.Excluded != "" {
			d.Body = append(d.Body, text("没有参加抽取：%s，%s。", t.Name, t.Excluded))
		}
	}
	d.Body = append(d.Body, heading("到会和缺席"), text("评审专家：%s。", strings.Join(attended, "；")))
	if len(excused) > 0 {
		d.Body = append(d.Body, text("回避退出或缺席：%s。", strings.Join(excused, "；")))
	}
	table := &document.Table{Head: []string{"名次", "申报编号", "申报人", "各位专家评分（不记名）", "得分"}, Widths: []int{1, 3, 4, 5, 2}}
	for _, c := range v.Cases {
		if c.Score == "" {
			continue
		}
		var given []string
		for _, t := range c.Totals {
			if t.Dropped {
				given = append(given, "（"+t.Points+"）")
			} else {
				given = append(given, t.Points)
			}
		}
		table.Rows = append(table.Rows, []string{fmt.Sprint(c.Rank), c.Number, c.Party, strings.Join(given, "、"), c.Score})
	}
	d.Body = append(d.Body, heading("评分和排名"), text("括号里的是去掉的最高分、最低分。"), document.Block{Table: table})
	d.Body = append(d.Body, heading("并列"))
	if len(places) == 0 {
		d.Body = append(d.Body, text("没有须由人裁定的并列。"))
	}
	for _, p := range places {
		d.Body = append(d.Body, text("%s（%s）在并列中排第%d：%s。", p.Party, p.Number, p.Place, strings.TrimSuffix(p.Reason, "。")))
	}
	d.Body = append(d.Body, heading("评审意见"), text("%s", v.Note))
	sign := "专家组组长：" + v.Chair
	if v.SignedAt == "" {
		sign += "（尚未签署）"
	} else {
		sign += "（" + shown(v.SignedAt) + "在系统中签署）"
	}
	d.Body = append(d.Body, text("%s", sign))
	d.Signature = document.Signature{Office: v.Department}
	d.Signature.Day = dayOf(v.ScoredAt)
	return d
}

// dayOf is the day of a moment, and shown that day as documents write it.
func dayOf(stamp string) policy.Date {
	at, err := store.ParseStamp(stamp)
	if err != nil {
		return 0
	}
	return policy.DateOf(at)
}

func shown(stamp string) string { return document.Day(dayOf(stamp)) }
