package web

import (
	"net/http"
	"strconv"

	"muban/views"
	"muban/wechat"
)

func (s *Server) library(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.texts.In(v.lang)
	offset, count, problems := paging(r, t, wechat.MaxCount)
	page, generation, err := v.account.library.List(r.Context(), offset, count)
	if err != nil {
		return err
	}
	if len(problems) == 0 && plainList(r) && s.unchanged(w, r, s.libraryTag(r, v, generation)) {
		return nil
	}
	return s.render(w, r, listStatus(problems), views.Library(views.LibraryPage{
		Page: s.page(r, v), Titles: page.Titles, Problems: problems,
		Range: views.Range{Path: "/library", Offset: offset, Count: count, Shown: len(page.Titles), Total: page.Total},
	}))
}

// libraryTag names all that the page is made of: this process and its embedded
// files, the person and the way they look at it, the app and the switcher's
// list, the titles as they were read.
func (s *Server) libraryTag(r *http.Request, v *visit, generation uint64) string {
	b := append(make([]byte, 0, 128), '"')
	for _, n := range []int64{s.started, v.person.ID, v.account.app.ID, int64(s.accounts.edition()), int64(generation)} {
		b = append(strconv.AppendInt(b, n, 36), '-')
	}
	for _, text := range []string{string(v.person.Role), v.lang, v.theme, r.URL.RawQuery} {
		b = append(append(b, text...), '-')
	}
	return string(append(b, '"'))
}

// plainList tells whether the URL holds nothing but a page of the list: no
// message of an act, and nothing that a stranger made up to fill the memory.
func plainList(r *http.Request) bool {
	for name := range r.URL.Query() {
		if name != "offset" && name != "count" {
			return false
		}
	}
	return true
}
