package kind

import (
	"slices"
	"strings"

	"muban/wechat"
	"muban/wechat/values"
)

// The checks of a subscribe message, beside those of a template message.
const (
	checkTypes = "types"
	checkState = "state"
	checkLang  = "lang"
)

func (subscribe) Checks() []string {
	return []string{checkKeywords, checkTypes, checkPage, checkState, checkLang}
}

func (k subscribe) Check(m wechat.Message, t *wechat.Template) []Flaw {
	found := keywordFlaws(m, t)
	if t != nil {
		found = append(found, typeFlaws(m, *t)...)
	} else {
		found = append(found, Flaw{Check: checkTypes, State: Skipped, Place: "data"})
	}
	switch why := pageFlaw(m.Page); why {
	case "":
	case "slash": // assumed: WeChat mostly takes it
		found = append(found, Flaw{Check: checkPage, State: Warning, Why: why, Place: "page"})
	default:
		found = append(found, Flaw{Check: checkPage, State: Failed, Why: why, Place: "page"})
	}
	if m.State != "" && !slices.Contains(wechat.States, m.State) {
		found = append(found, oneOf(checkState, "miniprogram_state", m.State, wechat.States))
	}
	if m.Lang != "" && !slices.Contains(wechat.Langs, m.Lang) {
		found = append(found, oneOf(checkLang, "lang", m.Lang, wechat.Langs))
	}
	return found
}

func oneOf(check, place, value string, all []string) Flaw {
	args := map[string]string{"Value": value, "Known": strings.Join(all, ", ")}
	return Flaw{Check: check, State: Failed, Why: "unknown", Place: place, Args: args}
}

// keywordFlaws are the keywords of m that do not fit the template: WeChat refuses one too many, and one that is
// missing (47003).
func keywordFlaws(m wechat.Message, t *wechat.Template) (found []Flaw) {
	if t == nil {
		return []Flaw{{Check: checkKeywords, State: Skipped, Place: "data"}}
	}
	fields := Subscribe.Fields(*t)
	say := func(why, key, name string) {
		args := map[string]string{"Key": key, "Name": name}
		found = append(found, Flaw{Check: checkKeywords, State: Failed, Why: why, Place: "data." + key, Args: args})
	}
	if len(fields) == 0 {
		args := map[string]string{"Placeholder": "{{thing1.DATA}}"}
		return []Flaw{{Check: checkKeywords, State: Failed, Why: "no_fields", Place: "data", Args: args}}
	}
	names, given := namesOf(fields), map[string]bool{}
	for _, d := range m.Data {
		name, has := names[d.Key]
		switch {
		case given[d.Key]:
			say("twice", d.Key, name)
		case !has:
			say("unknown", d.Key, "")
		}
		given[d.Key] = true
	}
	for _, f := range fields {
		if !given[f.Key] {
			say("missing", f.Key, f.Name)
		}
	}
	return found
}

// typeFlaws are the values that do not fit the types of their keywords.
func typeFlaws(m wechat.Message, t wechat.Template) (found []Flaw) {
	names := namesOf(Subscribe.Fields(t))
	for _, d := range m.Data {
		name, has := names[d.Key]
		if !has {
			continue
		}
		v := values.Check(values.TypeOf(d.Key), d.Value, Listed(t, d.Key))
		f := Flaw{Check: checkTypes, State: Failed, Why: "refused", Place: "data." + d.Key, Verdict: &v}
		switch {
		case v.OK() && v.Note == "":
			continue
		case v.OK():
			f.State, f.Why = Warning, "note"
		}
		f.Args = map[string]string{"Key": d.Key, "Name": name}
		if s, ok := values.Suggest(v.Type, d.Value); ok {
			f.Args["Suggestion"] = s
		}
		found = append(found, f)
	}
	return found
}

// Listed are the values that a template lists for the keyword with this key, nil where it lists none. WeChat's table
// of types says enum, its keys say enum_string: both are one.
func Listed(t wechat.Template, key string) []string {
	id := strings.TrimPrefix(key, values.TypeOf(key))
	for _, e := range t.Enums {
		typ := values.TypeOf(e.Key)
		if e.Key == key || strings.HasPrefix(key, "enum") && strings.HasPrefix(typ, "enum") && strings.TrimPrefix(e.Key, typ) == id {
			return e.Values
		}
	}
	return nil
}
