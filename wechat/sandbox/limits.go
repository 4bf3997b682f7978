package sandbox

import (
	"cmp"
	"fmt"
)

// maxTemplateLimit is what SetTemplateLimit can allow at most.
const maxTemplateLimit = 1000

// SetTemplateLimit allows an app n templates, 1 to 1,000, instead of Options.MaxTemplates, to try what
// becomes of a long list. What is there already stays. 0 is the usual number again, as after a reset.
func (s *Server) SetTemplateLimit(appID string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return ErrUnknownApp
	case n < 0 || n > maxTemplateLimit:
		return fmt.Errorf(`"templates" is 1 to %d, or 0 for the usual number`, maxTemplateLimit)
	}
	app.TemplateLimit = n
	s.changes++
	return nil
}

// templateLimit is how many templates the app may have.
func (s *Server) templateLimit(app *app) int { return cmp.Or(app.TemplateLimit, s.o.MaxTemplates) }

func (s *Server) postLimits(c call) (any, error) {
	type limits struct {
		AppID     string `json:"appid"`
		Templates *int   `json:"templates"`
	}
	q, err := understand[limits](c)
	if err == nil && q.Templates == nil {
		err = fmt.Errorf(`"templates" is missing, such as 60`)
	}
	if err == nil {
		err = s.SetTemplateLimit(q.AppID, *q.Templates)
	}
	return q, err
}
