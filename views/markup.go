package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// markup is HTML under way, for the rows of a page that is much visited: templ's
// calls for each of their pieces would be most of what the page costs.
type markup []byte

// html is a string that is HTML already. One that came from anywhere else is not
// taken for it by mistake: it has to be escaped first.
type html string

func escaped(s string) html { return html(templ.EscapeString(s)) }

func (m markup) raw(s html) markup    { return append(m, s...) }
func (m markup) text(s string) markup { return m.raw(escaped(s)) }
func (m markup) number(n int) markup  { return strconv.AppendInt(m, int64(n), 10) }
