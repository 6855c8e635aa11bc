package registry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

func TestPutParty(t *testing.T) {
	firm := func(change func(*registry.Party)) registry.Party {
		p := registry.Party{Kind: registry.KindFirm, Code: code(1), Name: "卓力电器集团有限公司", Town: "东镇"}
		change(&p)
		return p
	}
	cases := []struct {
		name  string
		party registry.Party
		field string // what is complained about; empty: accepted
	}{
		{"plain", firm(func(p *registry.Party) {}), ""},
		{"written with spaces, small and wide", firm(func(p *registry.Party) { p.Code = "９１33 0282 " + strings.ToLower(code(1)[8:]) }), ""},
		{"wrong check digit", firm(func(p *registry.Party) { p.Code = "91330282MA12345678" }), "code"},
		{"wrong check digit with a reason", firm(func(p *registry.Party) { p.Code, p.Exception = "91350203M0001QAY9B", "营业执照原件如此" }), ""},
		{"no code with a reason", firm(func(p *registry.Party) { p.Code, p.Exception = "", "来源只写了名称" }), ""},
		{"no code", firm(func(p *registry.Party) { p.Code = "" }), "code"},
		{"short code with a reason", firm(func(p *registry.Party) { p.Code, p.Exception = "913302", "照抄" }), "code"},
		{"reason without need", firm(func(p *registry.Party) { p.Exception = "随手填的" }), "exception"},
		{"no name", firm(func(p *registry.Party) { p.Name = " \u3000" }), "name"},
		{"long name", firm(func(p *registry.Party) { p.Name = strings.Repeat("长", 101) }), "name"},
		{"NUL in a name", firm(func(p *registry.Party) { p.Name = "甲\x00乙" }), "name"},
		{"broken text", firm(func(p *registry.Party) { p.Note = "\xff\xfe" }), "note"},
		{"no town", firm(func(p *registry.Party) { p.Town = "" }), "town"},
		{"unknown kind", firm(func(p *registry.Party) { p.Kind = "机构" }), "kind"},
		{"a size that is none", firm(func(p *registry.Party) { p.Size = "大" }), "size"},
		{"person", registry.Party{Kind: registry.KindPerson, Name: "张三丰", IDNumber: "11010519491231002x", Phone: "13812345678"}, ""},
		{"person with a wrong number", registry.Party{Kind: registry.KindPerson, Name: "张三丰", IDNumber: "110105194912310021"}, "id_number"},
		{"person with a code", registry.Party{Kind: registry.KindPerson, Name: "张三丰", Code: code(1)}, "code"},
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		for _, c := range cases {
			before := r.count(`SELECT COUNT(*) FROM party_rows`)
			got, err := r.Put(r.sys, c.party)
			if c.field == "" {
				if err != nil || got.ID == "" || got.StatedBy != "系统" {
					t.Errorf("%s: %+v, %v", c.name, got, err)
					continue
				}
				again, err := r.Get(r.sys, got.ID)
				if err != nil || again != got {
					t.Errorf("%s: read back %+v, %v; want %+v", c.name, again, err, got)
				}
				r.exec(`UPDATE party_rows SET till = since, code = '' WHERE id = ?`, got.ID) // out of the way of the next
				continue
			}
			wantCode(t, c.name, err, fault.Invalid)
			if f := fault.Public(err); f == nil || len(f.Details) == 0 || f.Details[0].Field != c.field {
				t.Errorf("%s: complaint %+v, want one about %s", c.name, f, c.field)
			}
			if n := r.count(`SELECT COUNT(*) FROM party_rows`); n != before {
				t.Errorf("%s: a row was written", c.name)
			}
		}
	})
}

// Mutation: leave out the action party.exception in writeParties → red.
func TestExceptionIsLogged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		_, err := r.Put(r.officer("", ""), registry.Party{Kind: registry.KindFirm, Code: "91350203M0001QAY9B", Exception: "营业执照原件如此", Name: "甲", Town: "东镇"})
		r.must(err)
		events, err := audit.List(r.sys, audit.Filter{})
		r.must(err)
		if len(events) != 1 || events[0].Action != "party.exception" || !strings.Contains(events[0].Data, "营业执照原件如此") {
			t.Errorf("log: %+v", events)
		}
	})
}

func TestCodeBelongsToOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a, b := r.party(1, "东镇"), r.party(2, "东镇")
		_, err := r.Put(r.sys, registry.Party{Kind: registry.KindFirm, Code: code(1), Name: "另一家", Town: "东镇"})
		wantCode(t, "a second firm", err, fault.Conflict)
		_, err = r.Put(r.sys, registry.Party{ID: b, Kind: registry.KindFirm, Code: code(1), Name: "改码", Town: "东镇"})
		wantCode(t, "another firm's code", err, fault.Conflict)
		_, err = r.Put(r.sys, registry.Party{ID: a, Kind: registry.KindFirm, Code: code(1), Name: "改名", Town: "东镇"})
		r.must(err)
		if n := r.count(`SELECT COUNT(*) FROM party_rows WHERE id = ?`, a); n != 2 {
			t.Errorf("%d versions, want the old and the new", n)
		}
		_, err = r.Put(r.sys, registry.Party{ID: a, Kind: registry.KindFirm, Code: code(1), Name: "改名", Town: "东镇"})
		r.must(err)
		if n := r.count(`SELECT COUNT(*) FROM party_rows WHERE id = ?`, a); n != 2 {
			t.Errorf("%d versions after a statement that changes nothing", n)
		}
		r.intact()
	})
}

// Mutations: return "1 = 1" from scope for a town's officer, or leave the condition out of visibleParty → red.
func TestWhoSeesParties(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		east, west := r.party(1, "东镇"), r.party(2, "西镇")
		for _, c := range []struct {
			who        string
			ctx        context.Context
			east, west bool
			list       int // -1: forbidden
		}{
			{"the public", r.public(), false, false, -1},
			{"an officer", r.officer("统计局", ""), true, true, 2},
			{"the town's officer", r.officer("统计局", "东镇"), true, false, 1},
			{"another town's officer", r.officer("", "西镇"), false, true, 1},
			{"the firm", r.firm(east), true, false, -1},
			{"a firm of nothing", r.firm(""), false, false, -1},
		} {
			for id, may := range map[string]bool{east: c.east, west: c.west} {
				_, err := r.Get(c.ctx, id)
				_, err2 := r.Facts(c.ctx, id)
				_, err3 := r.FactsOf(c.ctx, r.v, id)
				for _, err := range []error{err, err2, err3} {
					if may && err != nil || !may && fault.CodeOf(err) != fault.NotFound {
						t.Errorf("%s: %v, may see it: %v", c.who, err, may)
					}
				}
			}
			items, total, err := r.List(c.ctx, registry.Filter{}, registry.Page{})
			if c.list < 0 {
				wantCode(t, c.who, err, fault.Forbidden)
			} else if err != nil || total != c.list || len(items) != c.list {
				t.Errorf("%s lists %d of %d, %v; want %d", c.who, len(items), total, err, c.list)
			}
			n, err := r.Count(c.ctx)
			if want := map[bool]int64{true: 1}[c.east] + map[bool]int64{true: 1}[c.west]; err != nil || n != want {
				t.Errorf("%s counts %d, %v; want %d", c.who, n, err, want)
			}
		}
		_, err := r.Get(r.sys, "forged' OR '1'='1")
		wantCode(t, "a forged id", err, fault.NotFound)
	})
}

func TestWhoKeepsParties(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		id := r.party(1, "东镇")
		p := func(town string) registry.Party {
			return registry.Party{ID: id, Kind: registry.KindFirm, Code: code(1), Name: "改名", Town: town}
		}
		for _, c := range []struct {
			what string
			ctx  context.Context
			p    registry.Party
			want fault.Code
		}{
			{"the public", r.public(), p("东镇"), fault.NotFound},
			{"the firm itself", r.firm(id), p("东镇"), fault.Forbidden},
			{"another town's officer", r.officer("", "西镇"), p("西镇"), fault.NotFound},
			{"moving it out of one's town", r.officer("", "东镇"), p("西镇"), fault.Forbidden},
			{"creating elsewhere", r.officer("", "东镇"), registry.Party{Kind: registry.KindFirm, Code: code(9), Name: "新", Town: "西镇"}, fault.Forbidden},
			{"the town's officer", r.officer("", "东镇"), p("东镇"), ""},
			{"an officer of all", r.officer("", ""), p("西镇"), ""},
		} {
			_, err := r.Put(c.ctx, c.p)
			wantCode(t, c.what, err, c.want)
		}
		_, err := r.PutParties(r.officer("统计局", ""), []registry.Party{p("东镇")})
		wantCode(t, "bulk by a department", err, fault.Forbidden)
	})
}

// Mutations: return row.party() unmasked from Get; leave out the audit event in Unmask → red.
func TestPersonalDataIsMasked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		secret := registry.Party{Kind: registry.KindPerson, Name: "张三丰", IDNumber: "11010519491231002X", Phone: "13812345678", Contact: "李四", Town: "东镇"}
		p, err := r.Put(r.sys, secret)
		r.must(err)
		hidden := func(what string, texts ...string) {
			t.Helper()
			for _, s := range []string{"三丰", "19491231", "12345", "李四"} {
				if strings.Contains(strings.Join(texts, " "), s) {
					t.Errorf("%s shows %s", what, s)
				}
			}
		}
		hidden("Put", fmt.Sprintf("%+v", p))
		got, err := r.Get(r.sys, p.ID)
		r.must(err)
		hidden("Get", fmt.Sprintf("%+v", got))
		if got.Name != "张**" || got.IDNumber != "1101**********002X" || got.Phone != "138****5678" || got.Contact != "李*" {
			t.Errorf("masked as %+v", got)
		}
		list, _, err := r.List(r.sys, registry.Filter{}, registry.Page{})
		r.must(err)
		hidden("List", fmt.Sprintf("%+v", list))
		r.must(r.EachParty(r.sys, registry.Filter{}, func(p registry.Party) error { hidden("EachParty", fmt.Sprintf("%+v", p)); return nil }))

		// A form that could only show the mask does not destroy what it hides.
		got.Note = "改过备注"
		_, err = r.Put(r.sys, got)
		r.must(err)
		_, err = r.Unmask(r.sys, p.ID, " ")
		wantCode(t, "unmasking without a reason", err, fault.Invalid)
		_, err = r.Unmask(r.public(), p.ID, "好奇")
		wantCode(t, "unmasking by the public", err, fault.NotFound)
		clear, err := r.Unmask(r.officer("", ""), p.ID, "核对申请材料")
		r.must(err)
		if clear.Name != "张三丰" || clear.IDNumber != secret.IDNumber || clear.Phone != secret.Phone || clear.Contact != "李四" || clear.Note != "改过备注" {
			t.Errorf("unmasked %+v", clear)
		}
		events, err := audit.List(r.sys, audit.Filter{})
		r.must(err)
		if i := slices.IndexFunc(events, func(e audit.Record) bool { return e.Action == "party.unmask" }); i < 0 || !strings.Contains(events[i].Data, "核对申请材料") {
			t.Error("the reading was not logged")
		}
		hidden("the log", fmt.Sprintf("%+v", events))
		r.intact()
	})
}

// Mutation: leave the version out of the conditions in Filter.query (so that old names are found) → red.
func TestFindParties(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		for i, name := range []string{"慈溪市卓力电器有限公司", "宁波公牛电器有限公司", "卓力（慈溪）轴承厂", "月立电器有限公司", "Sunrise 24小时便利店"} {
			_, err := r.Put(r.sys, registry.Party{Kind: registry.KindFirm, Code: code(i + 1), Name: name, Town: []string{"东镇", "西镇"}[i%2],
				Industry: []string{"家电", "轴承"}[i/2%2], Size: "小型"})
			r.must(err)
		}
		moved, _, err := r.List(r.sys, registry.Filter{Text: "月立"}, registry.Page{})
		r.must(err)
		_, err = r.Put(r.sys, registry.Party{ID: moved[0].ID, Kind: registry.KindFirm, Code: moved[0].Code, Name: "新名字有限公司", Town: "西镇"})
		r.must(err)
		for _, c := range []struct {
			f     registry.Filter
			first string
			total int
		}{
			{registry.Filter{Text: "卓力"}, "", 2},
			{registry.Filter{Text: "慈溪卓力"}, "卓力（慈溪）轴承厂", -1},
			{registry.Filter{Text: "卓力", Town: "东镇", Industry: "家电"}, "慈溪市卓力电器有限公司", 1},
			{registry.Filter{Text: code(2)}, "宁波公牛电器有限公司", 1},
			{registry.Filter{Text: "91330282"}, "", 5},
			{registry.Filter{Text: "24"}, "Sunrise 24小时便利店", 1},
			{registry.Filter{Text: "月立"}, "", 0},
			{registry.Filter{Text: "新名字"}, "新名字有限公司", 1},
			{registry.Filter{Text: "？！"}, "", 0},
			{registry.Filter{Text: `"; DROP TABLE parties --`}, "", 0},
			{registry.Filter{Town: "西镇"}, "", 2},
			{registry.Filter{Size: "小型", Sort: "code"}, "慈溪市卓力电器有限公司", 4},
			{registry.Filter{Kind: registry.KindPerson}, "", 0},
		} {
			items, total, err := r.List(r.sys, c.f, registry.Page{Number: 1, Per: 10})
			if err != nil || c.total >= 0 && total != c.total {
				t.Errorf("%+v: %d, %v; want %d", c.f, total, err, c.total)
				continue
			}
			if c.first != "" && (len(items) == 0 || items[0].Name != c.first) {
				t.Errorf("%+v: %+v first, want %s", c.f, items, c.first)
			}
		}
		// A town's officer does not learn that there is more, whatever is asked for.
		items, total, err := r.List(r.officer("", "东镇"), registry.Filter{Text: "公牛"}, registry.Page{})
		if err != nil || slices.ContainsFunc(items, func(p registry.PartyRow) bool { return p.Town != "东镇" }) {
			t.Errorf("%d of %d: %+v, %v", len(items), total, items, err)
		}
		w, err := r.Words(r.public())
		if err != nil || !slices.Equal(w.Towns, []string{"东镇", "西镇"}) || !slices.Equal(w.Industries, []string{"家电", "轴承"}) {
			t.Errorf("words %+v, %v", w, err)
		}
	})
}

func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		var parties []registry.Party
		for n := range 45 {
			parties = append(parties, registry.Party{Kind: registry.KindFirm, Code: code(n), Name: fmt.Sprintf("企业%02d", n), Town: "东镇"})
		}
		_, err := r.PutParties(r.sys, parties)
		r.must(err)
		seen := map[string]bool{}
		for page := 1; page <= 3; page++ {
			items, total, err := r.List(r.sys, registry.Filter{}, registry.Page{Number: page, Per: 20})
			if err != nil || total != 45 {
				t.Fatal(total, err)
			}
			for _, p := range items {
				seen[p.ID] = true
			}
		}
		if len(seen) != 45 {
			t.Errorf("%d parties on three pages", len(seen))
		}
		r.intact()
	})
}
