package views

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// dialogs are those that the script opens on any page. They are the same on every
// page of a language, so they are drawn once.
func dialogs(t *Text) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		drawn, err := t.dialogs()
		if err != nil {
			return err
		}
		_, err = w.Write(drawn)
		return err
	})
}

func (t *Text) drawDialogs() ([]byte, error) {
	var b bytes.Buffer
	for _, dialog := range []templ.Component{palette(t), shortcuts(t)} {
		if err := dialog.Render(context.Background(), &b); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
