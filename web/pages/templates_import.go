package pages

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
	"muban/wechat/audit"
	"muban/wechat/kind"
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
	columns := header(t, []string{"kind", "title_id", "title", "keywords", "alias", "scenario"})
	return writeCSV(w, "muban-import.csv", columns, func(yield func([]string, error) bool) {
		for _, row := range [][]string{
			{kind.Template.Name(), "AT0002", "购买成功通知", "购买地点;购买时间;物品名称", "order-paid", t.T("import.sample_scenario")},
			{"", "AT0009", "", "1;2;3", "", ""},
			{kind.Subscribe.Name(), "755", "充值成功通知", "交易单号;充值金额", "recharged", "充值之后"},
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
	if err := r.ParseMultipartForm(MaxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
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
	if raw, ok, err := uploaded(r); err != nil {
		return err
	} else if ok {
		field, p.Form.Text = "file", string(raw)
	}
	err = readLines(r, v, &p, field)
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
func uploaded(r *http.Request) (raw []byte, ok bool, err error) {
	file, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, errors.Join(errBadRequest, err)
	}
	defer file.Close()
	return contentOf(file, header)
}

// contentOf reads a file that is in memory; a browser sends an empty one without
// a name where none was chosen.
func contentOf(file multipart.File, header *multipart.FileHeader) ([]byte, bool, error) {
	if header.Filename == "" {
		return nil, false, nil
	}
	b, err := io.ReadAll(file)
	return b, true, err
}

// readLines reads the text of the form into lines, each against the library.
func readLines(r *http.Request, v *visit, p *views.ImportPage, field string) error {
	text, err := account.ImportText([]byte(p.Form.Text))
	var sheet account.Sheet
	if err == nil {
		p.Form.Text = text // a file of another encoding is shown, and sent again, as it was read
		sheet, err = account.ReadCombinations(text, v.account.App.DefaultKind())
	}
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
	return importLines(r.Context(), v, p, sheet.Lines)
}

// importProblem puts what is wrong with a file or a line into words.
func importProblem(t *text.Text, problem *account.Problem) string {
	var args []any
	for name, value := range problem.Args {
		args = append(args, name, text.Excerpt(value))
	}
	return t.T("import_problem."+problem.Code, args...)
}

// importLines looks the titles and keywords of lines up in the library of their kind, and checks the combinations by
// the review rules.
func importLines(ctx context.Context, v *visit, p *views.ImportPage, lines []account.ImportRow) error {
	p.Lines = make([]views.ImportLine, len(lines))
	for _, of := range v.account.Kinds() {
		var own []account.ImportRow
		for _, line := range lines {
			if line.Problem == nil && line.Combination.Kind == of.Kind {
				own = append(own, line)
			}
		}
		titles, err := of.ImportTitles(ctx, own)
		if err != nil {
			return err
		}
		var known []audit.Existing
		for i, line := range lines {
			if line.Problem != nil || line.Combination.Kind == of.Kind {
				p.Lines[i] = importLine(p.Text, titles, line)
			}
			if l := p.Lines[i]; l.Good() && l.Combination.Kind == of.Kind {
				known = append(known, audit.Existing{ID: l.Title.ID, Title: l.Title.Text, Source: audit.SourceLibrary})
			}
		}
		if titles.Mirrored {
			p.Mirrored = of.Mirror.State().Good
		}
		if len(own) == 0 {
			continue
		}
		index, err := of.Index(ctx, known...) // once: two hundred lines are one look at the library
		if err != nil {
			return err
		}
		for i, l := range p.Lines {
			if l.Good() && l.Combination.Kind == of.Kind {
				asked := account.Proposal(of.Kind, l.Title.Text, l.Keywords)
				if of.Kind.Limits().Scene > 0 {
					asked.Scene = l.Combination.Scenario
				}
				p.Lines[i].Counted = count(account.Findings(index, audit.Options{SourceID: l.Title.ID}, asked))
			}
		}
	}
	return nil
}

func importLine(t *text.Text, titles account.ImportTitles, line account.ImportRow) views.ImportLine {
	l := views.ImportLine{ImportRow: line}
	if line.Problem != nil {
		l.Problem = importProblem(t, line.Problem)
		return l
	}
	var problem *account.Problem
	if l.Title, problem, l.Waits = titles.Of(line.Combination); problem != nil {
		l.Problem = importProblem(t, problem)
		return l
	}
	if l.Waits {
		return l
	}
	if l.Keywords, problem = line.Combination.Resolve(l.Title); problem != nil {
		l.Problem, l.Keywords = importProblem(t, problem), nil
	}
	if l.Combination.Kind.Limits().Scene > 0 && l.Combination.Scenario == "" {
		l.Combination.Scenario = l.Title.Text // as the page that combines keywords begins
	}
	return l
}

// makeDrafts makes a draft of every good line that none was made of yet by this form: a second click makes nothing
// twice, and lines that had to wait for their titles, or were changed since, are made by a later one.
func (s *Site) makeDrafts(w http.ResponseWriter, r *http.Request, v *visit, p views.ImportPage) error {
	var good []store.DraftOfForm
	same := map[[sha256.Size]byte]int{} // a line may stand twice
	for _, l := range p.Lines {
		if !l.Good() {
			continue
		}
		d := store.Draft{
			App: v.account.App.ID, TitleID: l.Title.ID, Title: l.Title.Text, Keywords: l.Keywords, Scenario: l.Combination.Scenario,
		}
		form := store.Form{Hash: sha256.Sum256(fmt.Appendf(nil, "%q %v %q", d.TitleID, d.Keywords, d.Scenario))}
		if p.Form.Key != "" {
			form.Key = fmt.Sprintf("%s/%x/%d", p.Form.Key, form.Hash[:8], same[form.Hash])
		}
		same[form.Hash]++
		good = append(good, store.DraftOfForm{Form: form, Draft: d})
	}
	if len(good) == 0 {
		p.Problems = ui.Problems{"text": p.T("import.nothing_good")}
		return s.render(w, r, http.StatusUnprocessableEntity, views.Import(p))
	}
	drafts, err := s.Store.AddDraftsOnce(context.WithoutCancel(r.Context()), v.actor(r), good)
	if err != nil {
		return err
	}
	ids := make([]string, len(drafts))
	for i, d := range drafts {
		ids[i] = strconv.FormatInt(d.ID, 10)
	}
	return v.seeOther(w, r, "/templates/import?made="+strings.Join(ids, "."), "imported")
}
