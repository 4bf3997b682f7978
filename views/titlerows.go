package views

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"muban/store"
	"muban/wechat/search"
)

// titleRows are most of the console's most visited page. Each is written at once.
func titleRows(p LibraryPage) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		use, b := escaped(p.T("library.use")), make(markup, 0, 512)
		for _, h := range p.Hits {
			b = appendRow(b[:0], &p, h, use)
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendRow(b markup, p *LibraryPage, h search.Hit, use html) markup {
	href, title := escaped(TitleURL(h.Title.ID)), escaped(h.Title.Text)
	b = appendMarked(b.raw(`<tr><td class="id"><code>`), h.Title.ID, spansIn(h, search.InID))
	b = b.raw(`</code></td><td lang="zh-CN"><a href="`).raw(href).raw(`">`)
	b = appendMarked(b, h.Title.Text, spansIn(h, search.InTitle))
	b = appendWhy(b.raw(`</a>`), p.Page, h).raw(`</td>`)
	if p.Mirror != nil {
		b = b.raw(`<td class="num slim wide">`).number(len(h.Title.Keywords)).raw(`</td>`)
	}
	b = b.raw(`<td class="slim wide muted">`)
	if u, used := p.Usages[h.Title.ID]; used {
		b = b.text(usageText(p.Page, u))
	}
	b = b.raw(`</td><td class="act"><a class="button" href="`).raw(href)
	b = b.raw(`" aria-label="`).raw(use).raw(` `).raw(title).raw(`">`).raw(use)
	return b.raw(`</a></td></tr>`)
}

func spansIn(h search.Hit, where search.Where) [][2]int {
	if h.Where != where {
		return nil
	}
	return h.Spans
}

// appendWhy says what was found where it is not plain from the title: the keyword
// or example, and a match that is not to the letter.
func appendWhy(b markup, p *Page, h search.Hit) markup {
	loose := h.How == search.Pinyin || h.How == search.Near
	inside := h.Keyword >= 0 && h.Keyword < len(h.Title.Keywords) && (h.Where == search.InKeyword || h.Where == search.InExample)
	if !loose && !inside {
		return b
	}
	b = b.raw(` <span class="why muted">`)
	if inside {
		k := h.Title.Keywords[h.Keyword]
		b = appendMarked(b.text(p.T("search.in_keyword")).raw(` `), k.Name, spansIn(h, search.InKeyword))
		if h.Where == search.InExample {
			b = appendMarked(b.raw(` `).text(p.T("search.in_example")).raw(` `), k.Example, h.Spans)
		}
		b = b.raw(` `)
	}
	if loose {
		b = b.raw(`<span class="tag">`).text(p.T("search.kind_" + string(h.How))).raw(`</span>`)
	}
	return b.raw(`</span>`)
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
