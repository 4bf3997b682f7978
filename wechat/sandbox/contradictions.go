package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// TakeOtherSide makes the simulator take the other side wherever WeChat's documents and recorded answers on subscribe
// messages contradict each other, or the usual one again. The other side:
//
//   - tid is a string and categoryId a number, ids in quotes are read, keywords have no count, a keyword of listed
//     values has the rule enum, names and values stand before a full-width colon;
//   - sceneDesc is required (200021), a template may be added twice, and one that is added again has its old id; what is
//     no tid is 20002, and an id to delete that the account lacks 200002;
//   - a send answers no msgid, looks at no page, and says 47003 whole; errmsgs end in a hint, so that there is no rid;
//   - an event in JSON has an array of one, with bare numbers and its time in quotes, and PopupScene is 2.
//
// Two contradictions have no other side here, as one of the sides refuses every call of who follows the other one: that
// addtemplate takes forms alone, and that miniprogram_state and lang are required.
func (s *Server) TakeOtherSide(other bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Other = other
	s.changes++
}

// postContradictions is TakeOtherSide: {"other":true}.
func (s *Server) postContradictions(c call) (any, error) {
	q, err := understand[struct {
		Other *bool `json:"other"`
	}](c)
	if err == nil && q.Other == nil {
		err = errors.New(`"other" is missing: true or false`)
	}
	if err != nil {
		return nil, err
	}
	s.TakeOtherSide(*q.Other)
	return map[string]bool{"other": *q.Other}, nil
}

// ruleOf is the type of a keyword as a call names it. The caller holds the lock.
func (s *Server) ruleOf(k subscribeKeyword) string {
	if s.state.Other && k.Rule == "enum_string" {
		return "enum"
	}
	return k.Rule
}

// key is what the value of a keyword is sent under. The caller holds the lock.
func (s *Server) key(k subscribeKeyword) string { return fmt.Sprint(s.ruleOf(k), k.ID) }

// badTID is the errcode for what is no tid, badID that for no id of a template. The caller holds the lock.
func (s *Server) badTID() int {
	if s.state.Other {
		return codeBadID
	}
	return codeBadTID
}

func (s *Server) badID() int {
	if s.state.Other {
		return codeBadTID
	}
	return codeBadID
}

// lasting is the id of a template that has the same one whenever it is added to the account. The caller holds the lock.
func (s *Server) lasting(app *app, title subscribeTitle, kids []subscribeKeyword) string {
	purpose := []string{"lasting", app.ID, title.ID}
	for _, k := range slices.SortedFunc(slices.Values(kids), func(a, b subscribeKeyword) int { return cmp.Compare(a.ID, b.ID) }) {
		purpose = append(purpose, fmt.Sprint(k.ID))
	}
	for n := uint64(0); ; n++ {
		if id := templateID(s.hash(strings.Join(purpose, " "), n)); app.subscribeTemplate(id) < 0 {
			return id
		}
	}
}

// popupScene is that of a page of the mini program, 0; one of WeChat's samples has 2. The caller holds the lock.
func (s *Server) popupScene() string {
	if s.state.Other {
		return "2"
	}
	return "0"
}

// loose is an item with bare numbers.
func (i item) loose() any {
	fields := map[string]any{"TemplateId": i.TemplateID}
	for name, digits := range map[string]string{"PopupScene": i.Scene, "MsgID": i.MsgID, "ErrorCode": i.ErrorCode} {
		if digits != "" {
			fields[name] = json.Number(digits)
		}
	}
	for name, text := range map[string]string{"SubscribeStatusString": i.Status, "ErrorStatus": i.ErrorStatus} {
		if text != "" {
			fields[name] = text
		}
	}
	return fields
}
