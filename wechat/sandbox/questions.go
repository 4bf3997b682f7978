package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
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

// integer reads 5, "5" and 5.0. Anything else leaves it not ok.
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

// field is what an object may hold under a name.
type field struct {
	name string
	into json.Unmarshaler
}

var errNotAnObject = errors.New("not a JSON object")

// exact reads those fields of an object that are named just so. Others are ignored, also
// those that differ in letter case only: WeChat documents lower case, while encoding/json
// takes any case for the fields of a struct. null holds nothing. The object is walked
// here, since a map of its members would make a call in-process a fifth slower.
func exact(raw []byte, fields ...field) error {
	if !json.Valid(raw) {
		return errNotAnObject
	}
	switch raw = bytes.TrimSpace(raw); {
	case string(raw) == "null":
		return nil
	case raw[0] != '{':
		return errNotAnObject
	}
	for name, value, rest := member(raw[1:]); name != nil; name, value, rest = member(rest) {
		for _, f := range fields {
			if !named(name, f.name) {
				continue
			}
			if err := f.into.UnmarshalJSON(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func named(quoted []byte, name string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1:len(quoted)-1]) == name
	}
	var plain string
	return json.Unmarshal(quoted, &plain) == nil && plain == name
}

// member cuts the next member off the inside of a valid object; none has no name.
func member(inside []byte) (name, value, rest []byte) {
	rest = bytes.TrimLeft(inside, ", \t\r\n")
	if rest[0] == '}' {
		return nil, nil, nil
	}
	end := stringEnd(rest)
	name, rest = rest[:end], bytes.TrimLeft(rest[end:], ": \t\r\n")
	end = valueEnd(rest)
	return name, rest[:end], rest[end:]
}

// valueEnd is where the value ends that valid JSON begins with.
func valueEnd(raw []byte) int {
	switch raw[0] {
	case '"':
		return stringEnd(raw)
	case '{', '[':
		return nestEnd(raw)
	}
	return bytes.IndexAny(raw, ",} \t\r\n")
}

func stringEnd(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func nestEnd(raw []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch raw[i] {
		case '"':
			i += stringEnd(raw[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}
