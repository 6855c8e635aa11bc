// Package demofiles carries the demo counties' data into the binary: what they are made of, never what they are made into.
package demofiles

import "embed"

// Files holds every county.yaml, by its path below this folder (place/county.yaml).
//
//go:embed */county.yaml
var Files embed.FS
