package kind

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"muban/wechat"
)

// The checks of a template message.
const (
	checkKeywords = "keywords"
	checkPage     = "page"
	checkColor    = "color"
	checkEmphasis = "emphasis"
)

func (template) Checks() []string {
	return []string{checkKeywords, checkPage, checkColor, checkEmphasis}
}

// titleID is the id of a title in the library, which is easily taken for a template's of 43 characters.
var titleID = regexp.MustCompile(`^\s*[Aa][Tt]\d+\s*$`)

func (template) Titled(id string) bool { return titleID.MatchString(id) }

func (k template) Unlike(templateID string) string {
	if k.Titled(templateID) {
		return "title_id"
	}
	return "gone"
}

func (k template) Check(m wechat.Message, t *wechat.Template) []Flaw {
	var fields []wechat.Field
	if t != nil {
		fields = k.Fields(*t)
	}
	found := misfits(m, t != nil, fields)
	if why := pageFlaw(m.Page); why != "" {
		found = append(found, Flaw{Check: checkPage, State: Failed, Why: why, Place: "page"})
	}
	found = append(found, badColors(m, fields)...)
	return append(found, badEmphasis(m, t != nil, fields)...)
}

// MaxValue is how many characters a value may have. No source says how many WeChat takes: assumed, and far more
// than a phone shows.
const MaxValue = 2000

// misfits are the keywords of m that do not fit the template. Assumed: WeChat drops a keyword that the template
// does not have and leaves a missing one empty; either way the message is not the one that was meant.
func misfits(m wechat.Message, known bool, fields []wechat.Field) (found []Flaw) {
	say := func(state, why, key, name string) {
		args := map[string]string{"Key": key, "Name": name}
		found = append(found, Flaw{Check: checkKeywords, State: state, Why: why, Place: "data." + key, Args: args})
	}
	switch {
	case !known:
		return []Flaw{{Check: checkKeywords, State: Skipped, Place: "data"}}
	case len(fields) == 0 && len(m.Data) == 0:
		args := map[string]string{"Placeholder": "{{keyword1.DATA}}"}
		return []Flaw{{Check: checkKeywords, State: Failed, Why: "no_fields", Place: "data", Args: args}}
	case len(m.Data) == 0: // 空模板: allowed (发送模板消息, data), and seldom meant
		return []Flaw{{Check: checkKeywords, State: Warning, Why: "none", Place: "data"}}
	}
	names, given := namesOf(fields), map[string]bool{}
	for _, d := range m.Data {
		name, has := names[d.Key]
		switch {
		case given[d.Key]:
			say(Failed, "twice", d.Key, name)
		case !has:
			say(Failed, "unknown", d.Key, "")
		case strings.TrimSpace(d.Value) == "":
			say(Warning, "empty", d.Key, name)
		case utf8.RuneCountInString(d.Value) > MaxValue:
			say(Failed, "long", d.Key, name)
			args := found[len(found)-1].Args
			args["Count"], args["Most"] = strconv.Itoa(utf8.RuneCountInString(d.Value)), strconv.Itoa(MaxValue)
		}
		given[d.Key] = true
	}
	for _, f := range fields {
		if !given[f.Key] {
			say(Failed, "missing", f.Key, f.Name)
		}
	}
	return found
}

func namesOf(fields []wechat.Field) map[string]string {
	names := make(map[string]string, len(fields))
	for _, f := range fields {
		names[f.Key] = f.Name
	}
	return names
}

// pagePath is a path as mini programs have them: pages/order/detail.
var pagePath = regexp.MustCompile(`^[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$`)

// maxPage is assumed: longer ones were not seen.
const maxPage = 1024

// pageFlaw is why page is none, or "".
func pageFlaw(page string) string {
	path, query, _ := strings.Cut(page, "?")
	switch {
	case page == "":
	case strings.HasPrefix(path, "/"): // has answered 41030
		return "slash"
	case len(page) > maxPage:
		return "long"
	case !pagePath.MatchString(path) || !utf8.ValidString(query) || strings.ContainsFunc(query, notInQuery):
		return "form"
	}
	return ""
}

// notInQuery are blanks, and the # behind which nothing reaches a page.
func notInQuery(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u3000' || r == '#' }

var colorForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func badColors(m wechat.Message, fields []wechat.Field) (found []Flaw) {
	names := namesOf(fields)
	for _, d := range m.Data {
		if d.Color != "" && !colorForm.MatchString(d.Color) {
			args := map[string]string{"Key": d.Key, "Name": names[d.Key], "Color": d.Color}
			found = append(found, Flaw{Check: checkColor, State: Failed, Why: "form", Place: "data." + d.Key, Args: args})
		}
	}
	return found
}

func badEmphasis(m wechat.Message, known bool, fields []wechat.Field) []Flaw {
	const place = "emphasis_keyword"
	if m.Emphasis == "" {
		return nil
	}
	if !known {
		return []Flaw{{Check: checkEmphasis, State: Skipped, Place: place}}
	}
	if _, has := namesOf(fields)[strings.TrimSuffix(m.Emphasis, ".DATA")]; !has {
		args := map[string]string{"Key": m.Emphasis}
		return []Flaw{{Check: checkEmphasis, State: Failed, Why: "unknown", Place: place, Args: args}}
	}
	return nil
}
