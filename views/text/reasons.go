package text

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// CheckText is what a check found, in words; "" for one that passed.
func CheckText(t *Text, c dispatch.Check) string {
	switch {
	case c.Finding != nil:
		return c.Finding.Message(t.Lang)
	case c.Verdict != nil:
		return t.T("check.types.said", "Key", c.Args["Key"], "Name", c.Args["Name"], "Said", c.Verdict.Message(t.Lang))
	case c.ID == "token" && c.Why != "" && c.Args["Reason"] != "":
		return t.T("reason." + c.Args["Reason"] + ".cause")
	case c.ID == "token" && c.Args["Code"] != "0" && c.Why != "":
		return t.T("check.token.errcode", argsOf(c.Args)...)
	case c.Why == ledger.Ended && t.Has("check.right.ended_"+c.Args["Closed"]):
		return t.T("check.right.ended_" + c.Args["Closed"])
	case c.Why != "":
		return t.T("check."+c.ID+"."+c.Why, argsOf(c.Args)...)
	case c.State == dispatch.Skipped:
		return t.T("preflight.not_looked")
	}
	return ""
}

// RefusalText says why nothing is sent under an allowance, as the check of it does.
func RefusalText(t *Text, r *ledger.Refusal) string {
	return CheckText(t, dispatch.Check{
		ID: r.Right.Sort(), Why: r.Reason, Args: map[string]string{"Closed": r.Right.Closed, "Holder": r.Holder.Person},
	})
}

// argsOf puts named values into the form that T takes.
func argsOf(named map[string]string) []any {
	var args []any
	for _, name := range slices.Sorted(maps.Keys(named)) {
		args = append(args, name, named[name])
	}
	return args
}

// CodeID is the id of the text about an errcode: part is "cause" or "next".
func CodeID(code int, part string) string { return "errcode." + strconv.Itoa(code) + "." + part }

// CodeName is what an errcode means in a few words: the beginning of its cause.
func CodeName(t *Text, code int) string {
	if code == 0 {
		return t.T("errcode.none")
	}
	id := CodeID(code, "cause")
	if !t.Has(id) {
		return t.T("errcode.unlisted")
	}
	return FirstClause(t.T(id))
}

// FirstClause is the beginning of a text, up to its first longer stop.
func FirstClause(text string) string {
	if end := strings.IndexAny(text, "：。；:;"); end > 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, ".")
}
