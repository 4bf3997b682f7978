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

func appendMarked(b []byte, text string, spans [][2]int) []byte {
	at := 0
	for _, span := range spans {
		if span[0] < at || span[1] > len(text) || span[0] >= span[1] {
			continue
		}
		b = append(b, templ.EscapeString(text[at:span[0]])...)
		b = append(b, "<mark>"...)
		b = append(b, templ.EscapeString(text[span[0]:span[1]])...)
		b = append(b, "</mark>"...)
		at = span[1]
	}
	return append(b, templ.EscapeString(text[at:])...)
}
