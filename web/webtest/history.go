package webtest

import (
	"context"
	"fmt"
	"time"

	"muban/store"
)

// Days records the sends of the last days, as if they had been made then by somebody or by a key, the same number each
// day: so many that arrived, that WeChat refused with an errcode, and whose answers never came.
func (c *Console) Days(by store.Actor, template string, days, sent, refused, unknown int) {
	c.T.Helper()
	for ago := days - 1; ago >= 0; ago-- {
		back := time.Duration(ago) * 24 * time.Hour
		c.Clock.Advance(-back)
		for n := range sent + refused + unknown {
			c.record(by, template, fmt.Sprintf("past-%d", time.Now().UnixNano()), n, sent, refused)
		}
		c.Clock.Advance(back)
	}
}

func (c *Console) record(by store.Actor, template, key string, n, sent, refused int) {
	c.T.Helper()
	ctx := context.Background()
	x := store.Send{App: c.App().ID, Key: key, TemplateID: template, Title: "购买成功通知", FormID: "form-" + key,
		OpenID: fmt.Sprintf("oReader_%020d", n), Request: []byte(`{"touser":"oReader","template_id":"x","data":{}}`)}
	x, _, err := c.Store.BeginSend(ctx, by, x)
	Must(c.T, err)
	x.Outcome, x.Attempts, x.Duration = "sent", 1, 187*time.Millisecond
	switch {
	case n >= sent+refused:
		x.Outcome, x.Reason = "unknown", "no_answer"
	case n >= sent:
		x.Outcome, x.ErrCode = "refused", []int{41028, 41030, 41028, 40037, -1}[(n-sent)%5]
		x.ErrMsg = "refused rid: 5af1"
	}
	Must(c.T, c.Store.FinishSend(ctx, by, x))
}
