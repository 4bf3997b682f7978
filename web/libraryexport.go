package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"strconv"

	"muban/wechat"
	"muban/wechat/search"
)

var errNoMirror = errors.New("web: the library is not mirrored yet")

// exportLibrary answers the titles that the filters find, with their keywords, as
// a file.
func (s *Site) exportLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	index := v.account.Mirror.Index()
	if index == nil {
		return errNoMirror
	}
	_, query, problems := s.searched(s.Texts.In(v.lang), filters(r, searchFields...))
	if len(problems) > 0 {
		return errBadRequest
	}
	query.Count = len(v.account.Mirror.Titles())
	hits := index.Search(query).Hits
	name := "library-" + v.account.App.AppID
	switch r.URL.Query().Get("format") {
	case "csv":
		return writeCSV(w, name+".csv", []string{"id", "title", "keyword_id", "name", "example"}, keywordRows(hits))
	case "json":
		return writeTitles(w, name+".json", hits)
	}
	return errBadRequest
}

// keywordRows are one row for each keyword, and one for a title without any.
func keywordRows(hits []search.Hit) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, h := range hits {
			if len(h.Title.Keywords) == 0 && !yield([]string{h.Title.ID, h.Title.Text, "", "", ""}, nil) {
				return
			}
			for _, k := range h.Title.Keywords {
				if !yield([]string{h.Title.ID, h.Title.Text, strconv.Itoa(k.ID), k.Name, k.Example}, nil) {
					return
				}
			}
		}
	}
}

// titleFile is a title in the file, as muban audit -library and the sandbox have it.
type titleFile struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Keywords []keywordFile `json:"keywords"`
}

type keywordFile struct {
	ID      int    `json:"keyword_id"`
	Name    string `json:"name"`
	Example string `json:"example"`
}

// writeTitles answers one array, a title a line.
func writeTitles(w http.ResponseWriter, name string, hits []search.Hit) error {
	download(w, name, "application/json; charset=utf-8")
	out := bufio.NewWriterSize(w, 32<<10)
	separator := "[\n"
	for _, h := range hits {
		line, err := json.Marshal(titleFile{h.Title.ID, h.Title.Text, keywordFiles(h.Title.Keywords)})
		if err != nil {
			return cutShort(w, err)
		}
		_, _ = out.WriteString(separator) // an error stays until Flush
		_, _ = out.Write(line)
		separator = ",\n"
	}
	if len(hits) == 0 {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("\n]\n")
	_ = out.Flush() // fails where the reader has gone
	return nil
}

func keywordFiles(list []wechat.Keyword) []keywordFile {
	all := make([]keywordFile, len(list))
	for i, k := range list {
		all[i] = keywordFile(k)
	}
	return all
}
