package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"muban/views/text"
	"muban/wechat/ledger"
)

// failure is an answer of the JSON API that is no success. The code is part of
// the API; its message is the text "api.<code>" with args in it, or what the pages say.
type failure struct {
	status int
	code   string
	args   []any
	said   func(*text.Text) string // as the pages word it; nil for "api.<code>"
	wait   time.Duration           // until it is worth asking again, where that is known
	cause  error                   // what was behind it, or nil
}

func (e *failure) Error() string { return "api: " + e.code }

func (e *failure) Unwrap() error { return e.cause }

// refuse is a failure with the names and values that its message needs.
func refuse(status int, code string, args ...any) error {
	return &failure{status: status, code: code, args: args}
}

// refuseAllowance says why a right or a consent is refused, as the pages do.
func refuseAllowance(status int, r *ledger.Refusal) error {
	return &failure{status: status, code: refusalCode(r.Right.Sort(), r.Reason),
		said: func(t *text.Text) string { return text.RefusalText(t, r) }}
}

// refusalCode names why an allowance of this sort is refused. For who waits for a consent it is all one whether there
// is none or others hold it.
func refusalCode(sort, reason string) string {
	if sort == ledger.OfConsent && reason == ledger.InUse {
		reason = ledger.None
	}
	return sort + "_" + reason
}

func (e *failure) message(t *text.Text) string {
	if e.said != nil {
		return e.said(t)
	}
	return t.T("api."+e.code, e.args...)
}

// refuseFor is a refusal that ends by itself after wait.
func refuseFor(wait time.Duration, status int, code string, args ...any) *failure {
	return &failure{status: status, code: code, args: args, wait: wait}
}

// wholeSeconds is a wait as Retry-After says it: never too short.
func wholeSeconds(wait time.Duration) int { return int((wait + time.Second - 1) / time.Second) }

// What a body may hold at most.
const (
	maxText  = 2000 // characters of one string
	maxDeep  = 16   // levels
	maxItems = 10_000
)

// badBody is what is wrong with a request's body, and where: the text "api.json_<why>".
type badBody struct {
	why   string
	place string // such as "rights[3].when"; "" is the body itself
	args  []any
}

func (e *badBody) Error() string { return "api: body: " + e.why + " at " + e.place }

// readJSON reads the request's body into a struct by its json tags: one JSON object, at every depth of known members
// alone, each once and in its own case, and of bounded size. What is spelled wrong would be missing from what is sent.
func readJSON(r *http.Request, target any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	err = fillBody(body, target)
	bad, ok := errors.AsType[*badBody](err)
	if !ok {
		return err
	}
	return &failure{status: http.StatusBadRequest, code: "bad_json", said: func(t *text.Text) string {
		place := text.Excerpt(bad.place)
		if place == "" {
			place = t.T("api.json_body")
		}
		return t.T("api.json_"+bad.why, append([]any{"Place", place}, bad.args...)...)
	}}
}

func fillBody(body []byte, target any) error {
	if !utf8.Valid(body) {
		return &badBody{why: "utf8"}
	}
	p := parser{json.NewDecoder(bytes.NewReader(body))}
	p.UseNumber()
	whole, err := p.value("", 0)
	if err == nil {
		if _, after := p.Token(); !errors.Is(after, io.EOF) {
			err = &badBody{why: "after"}
		}
	}
	if err != nil {
		return err
	}
	return whole.fill(reflect.ValueOf(target).Elem())
}

// node is a JSON value and its place.
type node struct {
	place string
	value any // nil, bool, json.Number, string, []node or []member
}

type member struct {
	name string
	node
}

func (n node) bad(why string, args ...any) error { return &badBody{why, n.place, args} }

// parser reads values with their places, which a decoder alone does not tell.
type parser struct{ *json.Decoder }

func (p parser) value(place string, deep int) (node, error) {
	n := node{place: place}
	token, err := p.Token()
	switch {
	case err != nil:
		return n, n.bad("syntax", "Offset", p.InputOffset())
	case deep > maxDeep:
		return n, n.bad("deep", "Most", maxDeep)
	case token == json.Delim('{'):
		n.value, err = p.object(n, deep+1)
	case token == json.Delim('['):
		n.value, err = p.list(n, deep+1)
	default:
		n.value = token
	}
	if s, ok := n.value.(string); ok && utf8.RuneCountInString(s) > maxText {
		return n, n.bad("long", "Most", maxText, "Count", utf8.RuneCountInString(s))
	}
	return n, err
}

func (p parser) object(of node, deep int) (members []member, err error) {
	seen := map[string]bool{}
	for p.More() {
		name, err := p.Token()
		key, ok := name.(string)
		if err != nil || !ok {
			return nil, of.bad("syntax", "Offset", p.InputOffset())
		}
		m := member{name: key}
		if m.node, err = p.value(strings.TrimPrefix(of.place+"."+key, "."), deep); err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, m.bad("repeated")
		}
		seen[key] = true
		if members = append(members, m); len(members) > maxItems {
			return nil, of.bad("many", "Most", maxItems)
		}
	}
	return members, p.end(of)
}

func (p parser) list(of node, deep int) (items []node, err error) {
	for p.More() {
		item, err := p.value(fmt.Sprintf("%s[%d]", of.place, len(items)), deep)
		if err != nil {
			return nil, err
		}
		if items = append(items, item); len(items) > maxItems {
			return nil, of.bad("many", "Most", maxItems)
		}
	}
	return items, p.end(of)
}

func (p parser) end(of node) error {
	if _, err := p.Token(); err != nil {
		return of.bad("syntax", "Offset", p.InputOffset())
	}
	return nil
}

// fromJSON is a type that reads what more than one form of JSON stands for.
type fromJSON interface{ fromJSON(n node) error }

// fill puts the value into v. null leaves it as it is.
func (n node) fill(v reflect.Value) error {
	if n.value == nil {
		if n.place == "" {
			return n.bad("want_object")
		}
		return nil
	}
	if own, ok := v.Addr().Interface().(fromJSON); ok {
		return own.fromJSON(n)
	}
	switch v.Kind() {
	case reflect.Struct:
		return n.fillStruct(v)
	case reflect.Map:
		return n.fillMap(v)
	case reflect.Slice:
		items, ok := n.value.([]node)
		if !ok {
			return n.bad("want_list")
		}
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			if err := item.fill(v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.String:
		s, ok := n.value.(string)
		if !ok {
			return n.bad("want_string")
		}
		v.SetString(s)
		return nil
	}
	panic("api: no body holds a " + v.Kind().String())
}

func (n node) fillMap(v reflect.Value) error {
	members, ok := n.value.([]member)
	if !ok {
		return n.bad("want_object")
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(members)))
	for _, m := range members {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := m.fill(value); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(m.name), value)
	}
	return nil
}

func (n node) fillStruct(v reflect.Value) error {
	members, ok := n.value.([]member)
	if !ok {
		return n.bad("want_object")
	}
	fields := map[string]reflect.Value{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			fields[name] = v.FieldByIndex(f.Index)
		}
	}
	names := slices.Sorted(maps.Keys(fields))
	for _, m := range members {
		field, known := fields[m.name]
		at := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, m.name) })
		switch {
		case known:
			if err := m.fill(field); err != nil {
				return err
			}
		case at >= 0:
			return m.bad("case", "Known", names[at])
		default:
			return m.bad("unknown", "Known", strings.Join(names, ", "))
		}
	}
	return nil
}

// writeJSON answers v. The values are ours, so they always marshal; a caller that
// has gone away is nobody's error.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
