package main

import (
	_ "github.com/pocketbase/pocketbase"
	_ "shanglin/internal/platform/store"
)

func main() {}
