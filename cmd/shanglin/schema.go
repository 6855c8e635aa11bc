package main

import (
	"strings"

	"github.com/spf13/cobra"

	"shanglin/policy"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema " + strings.Join(policy.SchemaNames, "|"),
		Short: "JSON Schema of policy files, for editors 供编辑器补全和检查的 JSON Schema",
		Long: `Print the JSON Schema (draft 2020-12) of scheme, vocabulary or process files, so that an editor completes keys and words and marks slips
while one writes. docs/schema/ holds the same. shanglin check knows much more.

输出政策文件、词汇表或办理流程的 JSON Schema：编辑器据此补全键和词，写错时当场标出。docs/schema/ 中有现成的。完整的检查仍用 shanglin check。`,
		Example: `  shanglin schema scheme > scheme.schema.json`,
		Args:    args(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)), ValidArgs: policy.SchemaNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if _, err := cmd.OutOrStdout().Write(policy.Schema(names[0])); err != nil {
				return &exitError{1, "错误：写不出来。"}
			}
			return nil
		},
	}
}
