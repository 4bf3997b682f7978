package sandbox

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"
)

// postLimits changes how much an app may have and how often it may call.
func (s *Server) postLimits(c call) (any, error) {
	type limits struct {
		AppID              string         `json:"appid"`
		Templates          *int           `json:"templates,omitempty"`
		SubscribeTemplates *int           `json:"subscribe_templates,omitempty"`
		Daily              map[string]int `json:"daily,omitempty"` // calls a day by path
	}
	q, err := understand[limits](c)
	if err == nil && q.Templates == nil && q.SubscribeTemplates == nil && len(q.Daily) == 0 {
		err = errors.New(`"templates", "subscribe_templates" or "daily" is missing, such as 60 or {"` + pathCategories + `":5}`)
	}
	if err == nil && q.Templates != nil {
		err = s.SetTemplateLimit(q.AppID, *q.Templates)
	}
	if err == nil && q.SubscribeTemplates != nil {
		err = s.SetSubscribeLimit(q.AppID, *q.SubscribeTemplates)
	}
	for _, path := range slices.Sorted(maps.Keys(q.Daily)) {
		if err == nil {
			err = s.SetDailyLimit(q.AppID, path, q.Daily[path])
		}
	}
	return q, err
}

// postCategories gives an app other categories: {"appid","categories":["616","900"]}; none at all are the usual ones.
func (s *Server) postCategories(c call) (any, error) {
	q, err := understand[struct {
		AppID string   `json:"appid"`
		IDs   []string `json:"categories"`
	}](c)
	if err == nil {
		err = s.SetCategories(q.AppID, q.IDs)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.categoriesOf(s.state.Apps[q.AppID])
	return map[string]any{"categories": own, "titles": len(s.titles().in(own))}, nil
}

// Penalty is what WeChat tells an account of a violation (小程序违规处罚事件).
type Penalty struct {
	Kind     int    `json:"event_type"` // 1 a warning, 2 functions are banned
	Reason   string `json:"illegal_reason"`
	Content  string `json:"illegal_content"`
	Rule     string `json:"rule_name"`
	Days     int    `json:"banned_days"`
	Function string `json:"banned_function_names"`
}

// Punish pushes a penalty. It bans nothing by itself: a fault on a path does.
func (s *Server) Punish(appID string, p Penalty) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	switch {
	case app == nil:
		return ErrUnknownApp
	case p.Kind < 1 || p.Kind > 2:
		return errors.New("event_type is 1, a warning, or 2, a ban")
	case !s.dispatch(app, "", p.message(app.ID, s.mintTemplateID()[:16], s.now())):
		return errors.New("the app has no address to push to")
	}
	s.changes++
	return nil
}

func (p Penalty) message(appID, id string, at time.Time) message {
	detail := map[string]any{"banned_days": p.Days, "banned_function_names": p.Function}
	if p.Kind == 1 {
		detail = map[string]any{"warned_type": 2, "warned_function_names": p.Function, "warned_ban_days": p.Days}
	}
	when := strconv.FormatInt(at.Unix(), 10)
	return message{
		to: originalID(appID), from: originalID(appID), at: at, event: punishEvent,
		more: [][2]string{
			{"event_type", strconv.Itoa(p.Kind)}, {"punish_id", id}, {"appid", appID}, {"punish_time", when},
			{"illegal_reason", p.Reason}, {"illegal_content", p.Content}, {"rule_name", p.Rule},
			{"rule_url", ""}, {"adjust_guide_url", ""}, {"detail", string(encode(detail))},
		},
	}
}

func (s *Server) postPenalty(c call) (any, error) {
	q, err := understand[struct {
		AppID string `json:"appid"`
		Penalty
	}](c)
	if err == nil {
		err = s.Punish(q.AppID, q.Penalty)
	}
	return map[string]int{"event_type": q.Kind}, err
}
