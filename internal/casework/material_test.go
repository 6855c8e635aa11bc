package casework_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// picture is a file that may be attached; each shade is another content.
func picture(t *testing.T, shade uint8) io.Reader {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 2, 2))
	m.Pix[0] = shade
	b := &bytes.Buffer{}
	if err := png.Encode(b, m); err != nil {
		t.Fatal(err)
	}
	return b
}

func (c *county) contents() (n int) {
	c.t.Helper()
	if err := store.Read(c.system(), func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM files`).Scan(ctx, &n)
	}); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// What is taken away before it was ever submitted is gone with its content; what was submitted stays. Sixty files fit, and sixty more in
// place of those that were submitted.
//
// Mutations that turn this red: leave the content of a detached file; delete what is pinned; keep the default of 50 files.
func TestFilesOfACase(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		id := c.drafted(c.round("2026-01", c001), c001, firm)
		who := c.firm(firm)
		attach := func(shade uint8) string {
			t.Helper()
			f, err := c.casework.Attach(who, id, casework.Others, "照片.png", picture(t, shade))
			if err != nil {
				t.Fatal(err)
			}
			list := f.Materials[len(f.Materials)-1].Files
			return list[len(list)-1].ID
		}
		first := attach(1)
		if _, err := c.casework.Detach(who, id, first); err != nil {
			t.Fatal(err)
		}
		if n := c.contents(); n != 0 {
			t.Errorf("%d contents are left of a file that was never submitted", n)
		}
		_, err := c.casework.Detach(who, id, first)
		c.refused("taken away twice", err, fault.NotFound, "")
		_, _, err = c.casework.OpenFile(who, id, first)
		c.refused("read after it was taken away", err, fault.NotFound, "")

		var list []string
		for i := range 60 {
			list = append(list, attach(uint8(i)))
		}
		_, err = c.casework.Attach(who, id, casework.Others, "照片.png", picture(t, 99))
		c.refused("one too many", err, fault.TooLarge, "60")
		c.do(who, id, "提交", "", nil)
		_, err = c.casework.Detach(who, id, list[0])
		c.refused("while it is with the office", err, fault.Conflict, "")
		c.do(c.officer(economy, ""), id, "一次性告知补正", "", map[string]any{"items": []map[string]string{{"text": "照片不清楚"}}})
		for _, f := range list {
			if _, err := c.casework.Detach(who, id, f); err != nil {
				t.Fatal(err)
			}
		}
		if _, content, err := c.casework.OpenFile(c.officer(economy, ""), id, list[0]); err != nil {
			t.Errorf("what was submitted is gone: %v", err)
		} else {
			content.Close()
		}
		for i := range 60 {
			attach(uint8(100 + i))
		}
		if n := c.contents(); n != 120 {
			t.Errorf("%d contents, want 60 that were submitted and 60 in their place", n)
		}
		c.audited()
	})
}
