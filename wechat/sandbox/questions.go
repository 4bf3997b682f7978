package sandbox

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// question is what the body of a call is read into.
type question[Q any] interface {
	*Q
	json.Unmarshaler
}

// decoded hands the question in body to then, or answers that it cannot be read. What is
// not UTF-8 cannot (assumed: of another call WeChat says "must use utf-8 charset");
// encoding/json would deliver U+FFFD for it.
func decoded[Q any, P question[Q]](s *Server, body []byte, then func(Q) any) any {
	var q Q
	if !utf8.Valid(body) || P(&q).UnmarshalJSON(body) != nil {
		return s.refuse(codeFormat)
	}
	return then(q)
}

// integer reads 5, "5" and 5.0 (spec/README). Anything else leaves it not ok.
type integer struct {
	n  int
	ok bool
}

func (i *integer) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSuffix(bytes.Trim(raw, `" `), []byte(".0"))
	n, err := strconv.Atoi(string(raw))
	i.n, i.ok = n, err == nil
	return nil
}

// integers reads a list of them.
type integers []integer

func (i *integers) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, (*[]integer)(i)) }

// text reads a string, or a number as its digits; null leaves it empty.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	if c := raw[0]; c == '-' || c >= '0' && c <= '9' {
		*t = text(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}
