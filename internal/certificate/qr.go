package certificate

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/skip2/go-qrcode"
)

// verifyPath is the public page that verifies a number, below the site. It says which print bears the code, so that the page can tell whoever
// scans an old one that it is replaced.
func verifyPath(tenant, number string, print int) string {
	return fmt.Sprintf("/%s/verify?number=%s&print=%d", url.PathEscape(tenant), url.QueryEscape(number), print)
}

// picture is a text as a QR code: a drawing that is sharp at any size, on paper too. The quiet zone of four modules is part of it.
func picture(text string) (string, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", err
	}
	dots := q.Bitmap()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="100%%" height="100%%" fill="#fff"/><path d="`, len(dots), len(dots))
	for y, row := range dots {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			from := x
			for x < len(row) && row[x] {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}
