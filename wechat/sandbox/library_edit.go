package sandbox

import (
	"fmt"
	"maps"
	"slices"

	"muban/wechat"
)

const (
	maxEdits  = 1000
	maxEdited = 10_000 // titles in one edit
)

// LibraryEdit changes the library, which real ones do without notice. Removals come first,
// then new names, then additions.
type LibraryEdit struct {
	Remove []string          `json:"remove,omitempty"` // by id
	Rename map[string]string `json:"rename,omitempty"` // new titles by id
	Add    []LibraryTitle    `json:"add,omitempty"`    // at the end; one whose id is there takes its place
	First  bool              `json:"first,omitempty"`  // Add at the beginning instead, which moves all others
}

// LibraryTitle is a title as WriteLibrary writes it.
type LibraryTitle struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Keywords []keywordLine `json:"keywords"`
}

// EditLibrary changes the library of every app, until a reset. It refuses ids that are not there.
func (s *Server) EditLibrary(e LibraryEdit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.state.Edits) >= maxEdits {
		return fmt.Errorf("the library was edited %d times already: reset", maxEdits)
	}
	edited, err := e.apply(s.shelf().titles)
	if err != nil {
		return err
	}
	s.state.Edits = append(s.state.Edits, e)
	s.edited = newShelf(edited)
	s.changes++
	return nil
}

// shelf is the library as it is now; the caller holds the lock.
func (s *Server) shelf() *shelf {
	if s.edited == nil {
		s.edited = s.library()
		titles := s.edited.titles
		for _, e := range s.state.Edits {
			titles, _ = e.apply(titles) // it went well once
		}
		if len(s.state.Edits) > 0 {
			s.edited = newShelf(titles)
		}
	}
	return s.edited
}

func (e LibraryEdit) apply(titles []wechat.Title) ([]wechat.Title, error) {
	if err := e.check(titles); err != nil {
		return titles, err
	}
	removed := make(map[string]bool, len(e.Remove))
	for _, id := range e.Remove {
		removed[id] = true
	}
	titles = slices.DeleteFunc(slices.Clone(titles), func(t wechat.Title) bool { return removed[t.ID] })
	for i := range titles {
		if text, renamed := e.Rename[titles[i].ID]; renamed {
			titles[i].Text = text
		}
	}
	var added []wechat.Title
	for _, t := range e.Add {
		at := slices.IndexFunc(titles, func(old wechat.Title) bool { return old.ID == t.ID })
		if at >= 0 {
			titles[at] = t.title()
		} else {
			added = append(added, t.title())
		}
	}
	if e.First {
		return append(added, titles...), nil
	}
	return append(titles, added...), nil
}

func (t LibraryTitle) title() wechat.Title {
	title := wechat.Title{ID: t.ID, Text: t.Title}
	for _, k := range t.Keywords {
		title.Keywords = append(title.Keywords, wechat.Keyword{ID: k.ID, Name: k.Name, Example: k.Example})
	}
	return title
}

func (e LibraryEdit) check(titles []wechat.Title) error {
	if n := len(e.Remove) + len(e.Rename) + len(e.Add); n == 0 || n > maxEdited {
		return fmt.Errorf("an edit adds, removes or renames 1 to %d titles", maxEdited)
	}
	there := make(map[string]bool, len(titles))
	for _, t := range titles {
		there[t.ID] = true
	}
	for _, id := range slices.Concat(e.Remove, slices.Sorted(maps.Keys(e.Rename))) {
		if !there[id] {
			return fmt.Errorf("the library has no title %q", id)
		}
	}
	for _, t := range e.Add {
		if t.ID == "" || t.Title == "" {
			return fmt.Errorf(`a title to add has an "id" and a "title"`)
		}
	}
	return nil
}

func (s *Server) postLibrary(c call) (any, error) {
	e, err := understand[LibraryEdit](c)
	if err == nil {
		err = s.EditLibrary(e)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]int{"titles": len(s.shelf().titles)}, nil
}
