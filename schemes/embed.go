// Package schemefiles carries the scheme files that lie beside it into the binary. They are the seed and the export
// of the published store, never its substitute.
package schemefiles

import "embed"

// Files holds chain.json and every scheme file, by its path below this folder (folder/name.yaml).
//
//go:embed chain.json */*.yaml
var Files embed.FS
