package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

// exportTemplates is the account's whole list as a file. The CSV's columns are
// those that an import reads.
func (s *Site) exportTemplates(w http.ResponseWriter, r *http.Request, v *visit) error {
	format := r.URL.Query().Get("format")
	if format != "csv" && format != "json" {
		return errBadRequest
	}
	list, _, err := s.listOrLast(r.Context(), v.account)
	if err != nil {
		return err
	}
	all, err := s.exported(r, v, list)
	if err != nil {
		return err
	}
	name := "muban-" + v.account.App.AppID + "-" + list.ReadAt.Format("20060102-150405") + "." + format
	if format == "csv" {
		return writeCSV(w, name, exportHeader(s.Texts.In(v.lang)), func(yield func([]string, error) bool) {
			for _, t := range all {
				if !yield(t.row(), nil) {
					return
				}
			}
		})
	}
	download(w, name, "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(exportFile{v.account.App.AppID, list.ReadAt.UTC(), all}) // a reader who goes away is nobody's error
	return nil
}

type exportFile struct {
	AppID     string             `json:"appid"`
	ReadAt    time.Time          `json:"read_at"` // when WeChat gave the list
	Templates []exportedTemplate `json:"templates"`
}

type exportedTemplate struct {
	TemplateID string          `json:"template_id"`
	TitleID    string          `json:"title_id"` // "" where it is not known
	Title      string          `json:"title"`
	Keywords   []exportedField `json:"keywords"`
	Alias      string          `json:"alias"`
	AddedBy    string          `json:"added_by"` // "" where it was added elsewhere
	AddedAt    *time.Time      `json:"added_at"`
	LastSent   *time.Time      `json:"last_sent_at"`
	Outcome    string          `json:"last_outcome"`
	Content    string          `json:"content"`
	Example    string          `json:"example"`
}

type exportedField struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Example string `json:"example"`
}

// exported joins WeChat's list with what is remembered here.
func (s *Site) exported(r *http.Request, v *visit, list account.List) ([]exportedTemplate, error) {
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return nil, err
	}
	last, err := s.Store.LastSends(r.Context(), v.account.App.ID, idsOf(list.Templates))
	if err != nil {
		return nil, err
	}
	remembered, all := byID(known), []exportedTemplate{}
	for _, t := range list.Templates {
		all = append(all, exportOf(t, remembered[t.ID], last[t.ID]))
	}
	return all, nil
}

func exportOf(t wechat.Template, known store.Template, last store.Send) exportedTemplate {
	e := exportedTemplate{
		TemplateID: t.ID, TitleID: known.TitleID, Title: t.Title, Alias: known.Alias, AddedBy: known.AddedByName,
		AddedAt: moment(known.AddedAt), LastSent: moment(last.CreatedAt), Outcome: last.Outcome,
		Keywords: []exportedField{}, Content: t.Content, Example: t.Example,
	}
	for _, f := range kind.Template.Fields(t) {
		e.Keywords = append(e.Keywords, exportedField(f))
	}
	return e
}

// moment is nil for never.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// exportHeader names the columns; those of a combination as an import reads them.
func exportHeader(t *text.Text) []string {
	var header []string
	for _, column := range []string{"template_id", "title_id", "title", "keywords", "alias", "added_by", "added_at", "last_sent_at", "last_outcome", "example"} {
		header = append(header, t.T("export."+column))
	}
	return header
}

func (e exportedTemplate) row() []string {
	var names []string
	for _, k := range e.Keywords {
		names = append(names, k.Name)
	}
	return []string{
		e.TemplateID, e.TitleID, e.Title, strings.Join(names, ";"), e.Alias, e.AddedBy, at(e.AddedAt), at(e.LastSent), e.Outcome, e.Example,
	}
}

func at(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}
