package pages

import (
	"net/http"
	"slices"

	"muban/store"
	"muban/views"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

// succeededSends is how many of a template's sends are looked at for values that a subscribe message would refuse.
const succeededSends = 200

// successors shows which subscribe messages can take a template's place, and what each would lose.
func (s *Site) successors(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return err
	}
	if kind.Of(t).Allowance() != kind.Right {
		return account.ErrNoTemplate // it is a subscribe message already
	}
	p := views.SuccessorPage{Page: s.page(r, v), Template: t, Stale: stale}
	known, err := s.knownTemplate(r.Context(), v, t.ID)
	if err != nil {
		return err
	}
	if known != nil {
		p.Alias = known.Alias
	}
	if p.Used, p.Looked, err = s.usedBy(r, v, t.ID); err != nil {
		return err
	}
	library := v.account.Of(kind.Subscribe).Mirror
	p.Synced, p.MayDraft = library.Version() > 0, v.may(auth.WriteDraft)
	p.Successors = account.Successors(t, p.Used, library.Titles())
	return s.render(w, r, http.StatusOK, views.Succeed(p))
}

// usedBy is what the latest sends of a template have used.
func (s *Site) usedBy(r *http.Request, v *visit, templateID string) (account.Used, int, error) {
	used := account.Used{Values: map[string][]string{}}
	looked := 0
	for send, err := range s.Store.EachSend(r.Context(), store.SendFilter{App: v.account.App.ID, TemplateID: templateID}) {
		if err != nil {
			return used, looked, err
		}
		if looked++; looked > succeededSends {
			return used, looked - 1, nil
		}
		var m wechat.Message
		if err := m.UnmarshalJSON(send.Request); err != nil {
			continue // what was sent before this program could read it says nothing here
		}
		used.Emphasis = used.Emphasis || m.Emphasis != ""
		for _, d := range m.Data {
			used.Color = used.Color || d.Color != ""
			if !slices.Contains(used.Values[d.Key], d.Value) {
				used.Values[d.Key] = append(used.Values[d.Key], d.Value)
			}
		}
	}
	return used, looked, nil
}
