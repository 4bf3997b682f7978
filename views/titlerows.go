package views

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"muban/store"
	"muban/wechat/library"
)

// titleRows appends the rows to one buffer: they are most of the console's most
// visited page, and a call of Write for every attribute is most of their cost.
func titleRows(p LibraryPage) templ.Component {
	use := templ.EscapeString(p.T("library.use"))
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := make([]byte, 0, 320*len(p.Hits))
		for _, h := range p.Hits {
			href, text := templ.EscapeString(TitleURL(h.Title.ID)), templ.EscapeString(h.Title.Text)
			b = append(b, `<tr><td class="id"><code>`...)
			b = appendMarked(b, h.Title.ID, spansIn(h, library.InID))
			b = append(b, `</code></td><td lang="zh-CN"><a href="`...)
			b = append(b, href...)
			b = append(b, `">`...)
			if spans := spansIn(h, library.InTitle); spans != nil {
				b = appendMarked(b, h.Title.Text, spans)
			} else {
				b = append(b, text...)
			}
			b = append(b, `</a>`...)
			b = appendWhy(b, p.Page, h)
			b = append(b, `</td>`...)
			if p.Mirror != nil {
				b = append(b, `<td class="num slim wide">`...)
				b = append(strconv.AppendInt(b, int64(len(h.Title.Keywords)), 10), `</td>`...)
			}
			b = append(b, `<td class="slim wide muted">`...)
			if u, used := p.Usages[h.Title.ID]; used {
				b = append(b, templ.EscapeString(usageText(p.Page, u))...)
			}
			b = append(b, `</td><td class="act"><a class="button" href="`...)
			b = append(b, href...)
			b = append(b, `" aria-label="`...)
			b = append(b, use...)
			b = append(b, ' ')
			b = append(b, text...)
			b = append(b, `">`...)
			b = append(b, use...)
			b = append(b, `</a></td></tr>`...)
		}
		_, err := w.Write(b)
		return err
	})
}

func spansIn(h library.Hit, where library.Where) [][2]int {
	if h.Where != where {
		return nil
	}
	return h.Spans
}

// appendWhy says what was found where it is not plain from the title: the keyword
// or example, and a match that is not to the letter.
func appendWhy(b []byte, p *Page, h library.Hit) []byte {
	loose := h.Kind == library.Pinyin || h.Kind == library.Near
	inside := h.Keyword >= 0 && h.Keyword < len(h.Title.Keywords) && (h.Where == library.InKeyword || h.Where == library.InExample)
	if !loose && !inside {
		return b
	}
	b = append(b, ` <span class="why muted">`...)
	if inside {
		k := h.Title.Keywords[h.Keyword]
		b = append(b, templ.EscapeString(p.T("search.in_keyword"))...)
		b = append(b, ' ')
		b = appendMarked(b, k.Name, spansIn(h, library.InKeyword))
		if h.Where == library.InExample {
			b = append(b, ' ')
			b = append(b, templ.EscapeString(p.T("search.in_example"))...)
			b = append(b, ' ')
			b = appendMarked(b, k.Example, h.Spans)
		}
		b = append(b, ' ')
	}
	if loose {
		b = append(b, `<span class="tag">`...)
		b = append(b, templ.EscapeString(p.T("search.kind_"+string(h.Kind)))...)
		b = append(b, `</span>`...)
	}
	return append(b, `</span>`...)
}

func usageText(p *Page, u store.TitleUsage) string {
	switch {
	case u.Drafts == 0:
		return p.T("search.used_templates", "Count", u.Templates)
	case u.Templates == 0:
		return p.T("search.used_drafts", "Count", u.Drafts)
	}
	return p.T("search.used_both", "Templates", u.Templates, "Drafts", u.Drafts)
}
