package views

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// marked is text with its spans highlighted: byte offsets, from and to, in order.
func marked(text string, spans [][2]int) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write(appendMarked(nil, text, spans))
		return err
	})
}

func appendMarked(b markup, text string, spans [][2]int) markup {
	at := 0
	for _, span := range spans {
		if span[0] < at || span[1] > len(text) || span[0] >= span[1] {
			continue
		}
		b = b.text(text[at:span[0]]).raw("<mark>").text(text[span[0]:span[1]]).raw("</mark>")
		at = span[1]
	}
	return b.text(text[at:])
}
