package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// answer is what WeChat's JSON is read into.
type answer interface {
	result() *outcome
	missing() string // the field without which this is no answer of WeChat's, or ""
}

// outcome is the part that all answers share; of del and send it is the whole.
type outcome struct {
	Code *number `json:"errcode"`
	Msg  string  `json:"errmsg"`
}

func (o *outcome) result() *outcome { return o }

func (o *outcome) missing() string {
	if o.Code == nil {
		return "errcode"
	}
	return ""
}

// read fills answer from body. Answers are read with tolerance: fields we do not know,
// numbers in quotes, raw control characters (spec/README, Transport). Only an errcode
// of its own, or a body that is no answer at all, is an error.
func read(op string, body []byte, secrets []Secret, answer answer) error {
	err := json.Unmarshal(escapeControls(body), answer)
	o := answer.result()
	switch {
	case o.Code != nil && *o.Code != 0: // even where some other field was unreadable
		return &Error{Op: op, Code: int(*o.Code), Msg: without(secrets, o.Msg)}
	case err != nil:
		return &CallError{Op: op, Kind: ErrNotJSON, Detail: describe(op, body, secrets)}
	case answer.missing() != "":
		return &CallError{Op: op, Kind: ErrNotJSON, Detail: "no " + answer.missing()}
	}
	return nil
}

// describe shows how an unreadable body begins; of a token's only what it looks like,
// as it may hold a token that we failed to find.
func describe(op string, body []byte, secrets []Secret) string {
	text := strings.TrimSpace(string(body))
	switch {
	case text == "":
		return "empty"
	case op != tokenGet.op:
		return "begins " + strconv.Quote(excerpt(without(secrets, text), 80))
	case text[0] == '<':
		return fmt.Sprintf("HTML of %d bytes", len(body))
	}
	return fmt.Sprintf("%d bytes", len(body))
}

// without takes the secrets out of text from elsewhere, plain and as they are in a URL.
func without(secrets []Secret, text string) string {
	for _, s := range secrets {
		if plain := s.Reveal(); plain != "" {
			text = strings.NewReplacer(plain, redacted, url.QueryEscape(plain), redacted).Replace(text)
		}
	}
	return text
}

// excerpt cuts text to at most n bytes, between characters.
func excerpt(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// escapeControls makes JSON of a text whose strings hold raw control characters: WeChat
// sends them where a keyword's example was pasted with one. Other text is returned as it is.
func escapeControls(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var out []byte
	inString, escaped, copied := false, false, 0
	for i, c := range body {
		if inString && c < ' ' {
			out = append(out, body[copied:i]...)
			if escaped {
				out = append(out, '\\') // the backslash before stands for itself
			}
			out = fmt.Appendf(out, `\u%04x`, c)
			copied = i + 1
		}
		if c == '"' && !escaped {
			inString = !inString
		}
		escaped = inString && c == '\\' && !escaped
	}
	if copied == 0 {
		return body
	}
	return append(out, body[copied:]...)
}

// number reads 5, "5" and 5.0.
type number int64

func (n *number) UnmarshalJSON(raw []byte) error {
	text := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(whole)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.IsInf(f, 0) {
		return errors.New("not a whole number")
	}
	*n = number(min(max(f, -1<<62), 1<<62))
	return nil
}

// list tells a list that is null or empty from one that is not there.
type list[T any] struct {
	items []T
	there bool
}

func (l *list[T]) UnmarshalJSON(raw []byte) error {
	l.there = true
	return json.Unmarshal(raw, &l.items)
}
