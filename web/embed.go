// Package web carries the built pages into the binary.
package web

import (
	"embed"
	"io/fs"
)

// dist is made by the build; dist-unbuilt is always there, so that the Go code compiles before the pages were ever built.
//
//go:embed all:dist*
var built embed.FS

// Pages is the built web app: index.html and what it loads. Until it has been built, it is one page that says how to.
func Pages() (pages fs.FS, isBuilt bool) {
	for _, folder := range []string{"dist", "dist-unbuilt"} {
		if _, err := fs.Stat(built, folder+"/index.html"); err == nil {
			sub, err := fs.Sub(built, folder)
			if err != nil {
				panic(err) // the names are constants
			}
			return sub, folder == "dist"
		}
	}
	panic("web: no page is embedded")
}
