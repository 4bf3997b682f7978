package pages

import (
	"bufio"
	"encoding/csv"
	"iter"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
)

// export notes who takes which of the console's data as a file, and by which filter, before any of it is sent.
func (s *Site) export(r *http.Request, v *visit, name string) error {
	detail := map[string]string{"file": name, "query": text.Excerpt(r.URL.RawQuery)}
	if err := s.Store.Note(r.Context(), v.actor(r), v.account.App.ID, store.ActExport, "page:"+r.URL.Path, detail); err != nil {
		return err
	}
	s.Events.Warn(auth.EventExport, r, "person", v.person.ID, "file", name)
	return nil
}

// download makes the answer a file of this name.
func download(w http.ResponseWriter, name, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// byteOrderMark tells spreadsheets that a file is UTF-8: without it they read
// Chinese in the machine's own encoding.
const byteOrderMark = "\ufeff"

// exportCSV answers a file of the console's data for spreadsheets. columns are ids of texts
// below "export.": the first line is in the reader's language.
func (s *Site) exportCSV(w http.ResponseWriter, r *http.Request, v *visit, name string, columns []string,
	rows iter.Seq2[[]string, error]) error {
	if err := s.export(r, v, name); err != nil {
		return err
	}
	return writeCSV(w, name, header(s.Texts.In(v.lang), columns), rows)
}

// header names the columns of a file.
func header(t *text.Text, columns []string) []string {
	var names []string
	for _, column := range columns {
		names = append(names, t.T("export."+column))
	}
	return names
}

// writeCSV answers a file for spreadsheets. Rows are written as they come, so a
// long list needs no memory; an error after the first of them are sent cuts the
// connection, so that nobody takes the half for the whole.
func writeCSV(w http.ResponseWriter, name string, header []string, rows iter.Seq2[[]string, error]) error {
	download(w, name, "text/csv; charset=utf-8")
	out := bufio.NewWriterSize(w, 32<<10)
	if _, err := out.WriteString(byteOrderMark); err != nil {
		return nil // the reader has gone
	}
	lines := csv.NewWriter(out)
	lines.UseCRLF = true
	if lines.Write(header) != nil {
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return cutShort(w, err)
		}
		for i, cell := range row {
			row[i] = inert(cell)
		}
		if lines.Write(row) != nil {
			return nil
		}
	}
	lines.Flush()
	_ = out.Flush()
	return nil
}

// cutShort is what becomes of a file that fails: an error page where nothing of
// it was sent.
func cutShort(w http.ResponseWriter, err error) error {
	if seen, ok := w.(interface{ Begun() bool }); !ok || seen.Begun() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Del("Content-Disposition")
	return err
}

// inert keeps a spreadsheet from taking a cell for a formula: an
// apostrophe goes before what could start one. Numbers stay numbers.
func inert(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n|＝＋－＠", first) || plainNumber(cell) {
		return cell
	}
	return "'" + cell
}

// plainNumber tells whether the cell is digits with at most a sign and a point.
func plainNumber(cell string) bool {
	digits := strings.TrimLeft(cell[:1], "+-") + cell[1:]
	whole, rest, _ := strings.Cut(digits, ".")
	return whole != "" && strings.Trim(whole+rest, "0123456789") == ""
}

// lines are those of a file, one for each of all.
func lines[T any](all iter.Seq2[T, error], cells func(T) []string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for v, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(cells(v), nil) {
				return
			}
		}
	}
}

// timestamp is a time as a spreadsheet and a program both read it, "" for none. It says its
// zone, which is Beijing's, as the console's days are.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ui.Beijing).Format(time.RFC3339)
}

// fileDay is the day that a file was made on, for its name.
func fileDay(t time.Time) string { return t.In(ui.Beijing).Format("20060102") }

const Lines = "title_id,title,keywords,alias,scenario\n" +
	"AT0002,购买成功通知,购买地点;物品名称,order-paid,下单付款后\n" +
	"AT9999,,1,,\n" +
	"AT0009,,1;999999,,\n" +
	",没有的标题,单号,,\n" +
	"AT0009,,单号、金额,,\n" +
	"AT0002,,,,\n"
