package main

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"shanglin/bench/columns/rows"
)

// firm is one row as the expression engines read it: a struct, the fastest that each offers but for what it documents otherwise.
type firm struct {
	Code     string `expr:"code"`
	Now      int64  `expr:"now"`
	Before   int64  `expr:"before"`
	Research int64  `expr:"research"`
	Debt     int64  `expr:"debt"`
	Staff    int64  `expr:"staff"`
}

const exprRule = `(code startsWith "C38" or code startsWith "C39" or code startsWith "I65") and now >= 20000000 and now * 10 >= before * 11 ` +
	`and research * 100 >= now * 3 and debt <= 70 and staff >= 20 ? min(int((now - before) / 1000000) * 500, 300000) : -1`

// byExpr runs the rule through expr's virtual machine.
func byExpr(x *rows.Rows) (func() (rows.Total, error), error) {
	program, err := expr.Compile(exprRule, expr.Env(firm{}))
	if err != nil {
		return nil, err
	}
	return func() (t rows.Total, err error) {
		var machine vm.VM
		var f firm
		for i := range x.Code {
			f = firm{x.Codes[x.Code[i]], x.Now[0][i], x.Before[0][i], x.Now[1][i], int64(x.Share[0][i]), int64(x.Head[0][i])}
			out, err := machine.Run(program, &f)
			if err != nil {
				return t, err
			}
			n, ok := out.(int)
			if !ok {
				return t, fmt.Errorf("expr answers %T", out)
			}
			if n >= 0 {
				t.Firms++
				t.Yuan += int64(n)
			}
		}
		return t, nil
	}, nil
}

const celRule = `(code.startsWith("C38") || code.startsWith("C39") || code.startsWith("I65")) && now >= 20000000 && now * 10 >= before * 11 ` +
	`&& research * 100 >= now * 3 && debt <= 70 && staff >= 20 ? ((now - before) / 1000000 * 500 < 300000 ? (now - before) / 1000000 * 500 : 300000) : -1`

// activation is a row as cel-go asks for it: by name, without a map.
type activation struct{ firm }

// ResolveName finds a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "code":
		return a.Code, true
	case "now":
		return a.Now, true
	case "before":
		return a.Before, true
	case "research":
		return a.Research, true
	case "debt":
		return a.Debt, true
	case "staff":
		return a.Staff, true
	}
	return nil, false
}

// Parent is none.
func (a *activation) Parent() cel.Activation { return nil }

// byCel runs the rule through cel-go.
func byCel(x *rows.Rows) (func() (rows.Total, error), error) {
	env, err := cel.NewEnv(cel.Variable("code", cel.StringType), cel.Variable("now", cel.IntType), cel.Variable("before", cel.IntType),
		cel.Variable("research", cel.IntType), cel.Variable("debt", cel.IntType), cel.Variable("staff", cel.IntType))
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(celRule)
	if issues != nil && issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	return func() (t rows.Total, err error) {
		var a activation
		for i := range x.Code {
			a.firm = firm{x.Codes[x.Code[i]], x.Now[0][i], x.Before[0][i], x.Now[1][i], int64(x.Share[0][i]), int64(x.Head[0][i])}
			out, _, err := program.Eval(&a)
			if err != nil {
				return t, err
			}
			n, ok := out.Value().(int64)
			if !ok {
				return t, fmt.Errorf("cel answers %T", out.Value())
			}
			if n >= 0 {
				t.Firms++
				t.Yuan += n
			}
		}
		return t, nil
	}, nil
}
