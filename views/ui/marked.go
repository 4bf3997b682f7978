package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"muban/views/text"
)

// A list has hundreds of small texts. Each of these is a component that writes its text as { } does, and no more.

// Plain is a text as it is.
type Plain string

// Render makes it a templ.Component.
func (s Plain) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(s))
	return err
}

// Marked is a text on one line, with what was found in it highlighted: byte offsets, from and to, in order. Spans that
// do not fit, as those of another text, are left out; a text that is not short is without them.
func Marked(s string, spans [][2]int) templ.Component {
	if shown := text.Short(s); len(spans) == 0 || shown != s {
		return Plain(shown)
	}
	return marked{s, spans}
}

type marked struct {
	text  string
	spans [][2]int
}

// Render makes it a templ.Component.
func (m marked) Render(ctx context.Context, w io.Writer) error {
	at := 0
	for _, span := range m.spans {
		if span[0] < at || span[0] >= span[1] || span[1] > len(m.text) {
			continue
		}
		before, found := templ.EscapeString(m.text[at:span[0]]), templ.EscapeString(m.text[span[0]:span[1]])
		if _, err := io.WriteString(w, before+"<mark>"+found+"</mark>"); err != nil {
			return err
		}
		at = span[1]
	}
	return Plain(m.text[at:]).Render(ctx, w)
}
