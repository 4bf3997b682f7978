package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/account"
)

// importPage takes a file of combinations; "made" in the URL are the drafts that
// the last one became.
func (s *Site) importPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.ImportPage{Page: s.page(r, v), Form: views.ImportForm{Key: newKey()}}
	for text := range strings.SplitSeq(r.URL.Query().Get("made"), ".") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || len(p.Made) == views.MaxImport {
			continue
		}
		d, err := s.Store.Draft(r.Context(), v.account.App.ID, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.Made = append(p.Made, d)
	}
	return s.render(w, r, http.StatusOK, views.Import(p))
}

// importSample is a file that an import reads, to begin with.
func (s *Site) importSample(w http.ResponseWriter, _ *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var header []string
	for _, column := range []string{"title_id", "title", "keywords", "alias", "scenario"} {
		header = append(header, t.T("export."+column))
	}
	return writeCSV(w, "muban-import.csv", header, func(yield func([]string, error) bool) {
		for _, row := range [][]string{
			{"AT0002", "购买成功通知", "购买地点;购买时间;物品名称", "order-paid", t.T("import.sample_scenario")},
			{"AT0009", "", "1;2;3", "", ""},
		} {
			if !yield(row, nil) {
				return
			}
		}
	})
}

// importCombinations checks a file line by line, or makes drafts of its good lines.
func (s *Site) importCombinations(w http.ResponseWriter, r *http.Request, v *visit) error {
	// The whole body is bounded by maxBody; a form without a file may come plain.
	if err := r.ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err
		}
		return errors.Join(errBadRequest, err)
	}
	p := views.ImportPage{Page: s.page(r, v)}
	var err error
	if p.Problems, err = s.forms.read(r, p.Text, &p.Form); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return errBadRequest
	}
	field := "text"
	if text, ok, err := uploaded(r); err != nil {
		return err
	} else if ok {
		field, p.Form.Text = "file", text
	}
	err = s.readLines(r, v, &p, field)
	if wechat.IsFailure(err) { // what was pasted stays
		p.Lines, p.Outcome, p.Form.Key = nil, failedRead(err), newKey()
		return s.render(w, r, http.StatusBadGateway, views.Import(p))
	}
	if err != nil {
		return err
	}
	if p.Form.Do == "make" && p.Waiting() > 0 && len(p.Problems) == 0 {
		p.Problems = ui.Problems{"text": p.T("import.not_all_yet", "Count", p.Waiting())}
	}
	if p.Form.Do == "make" && len(p.Problems) == 0 {
		return s.makeDrafts(w, r, v, p)
	}
	p.Form.Key = newKey()
	return s.render(w, r, listStatus(p.Problems), views.Import(p))
}

// uploaded is the content of the file that came with the form; false for none.
func uploaded(r *http.Request) (text string, ok bool, err error) {
	file, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", false, nil
	}
	if err != nil {
		return "", false, errors.Join(errBadRequest, err)
	}
	defer file.Close()
	return contentOf(file, header)
}

// contentOf reads a file that is in memory; a browser sends an empty one without
// a name where none was chosen.
func contentOf(file multipart.File, header *multipart.FileHeader) (string, bool, error) {
	if header.Filename == "" {
		return "", false, nil
	}
	b, err := io.ReadAll(file)
	return string(b), true, err
}

// readLines reads the text of the form into lines, each against the library.
func (s *Site) readLines(r *http.Request, v *visit, p *views.ImportPage, field string) error {
	sheet, err := account.ReadCombinations(strings.NewReader(p.Form.Text))
	if problem, ok := errors.AsType[*account.Problem](err); ok {
		p.Problems = ui.Problems{field: importProblem(p.Text, problem)}
		if field == "file" {
			p.Form.Text = "" // what cannot be read cannot be shown
		}
		return nil
	}
	if err != nil {
		return err
	}
	p.Ignored = sheet.Ignored
	switch n := len(sheet.Lines); {
	case n == 0:
		p.Problems = ui.Problems{field: p.T("import.no_lines")}
		return nil
	case n > views.MaxImport:
		p.Problems = ui.Problems{field: p.T("import.too_many", "Count", n, "Max", views.MaxImport)}
		return nil
	}
	return s.importLines(r.Context(), v, p, sheet.Lines)
}

// importProblem puts what is wrong with a file or a line into words.
func importProblem(t *text.Text, problem *account.Problem) string {
	var args []any
	for name, value := range problem.Args {
		args = append(args, name, excerpt(value))
	}
	return t.T("import_problem."+problem.Code, args...)
}
