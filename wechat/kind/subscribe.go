package kind

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"muban/wechat"
	"muban/wechat/values"
)

// Subscribe is the kind that the documentation calls 订阅消息: titles with a number such as 99, values that are typed
// by their keyword, sent once for each yes of a user or, where the template is long-term, until the user says no.
var Subscribe Kind = subscribe{}

type subscribe struct{}

func (subscribe) Name() string { return "subscribe" }

func (subscribe) Limits() Limits {
	return Limits{
		FewestKeywords: wechat.MinSubscribeKeywords, Keywords: wechat.MaxSubscribeKeywords,
		Templates: wechat.MaxSubscribeTemplates, Scene: wechat.MaxScene, Page: wechat.MaxTitlesPage,
		Sends: wechat.SubscribeQuota,
		Types: []int{wechat.OneTime, wechat.LongTerm},
	}
}

func (subscribe) Allowance() string { return Consent }

func (subscribe) Library(c *wechat.Client) Library { return &categories{client: c} }

func (subscribe) List(ctx context.Context, c *wechat.Client) ([]wechat.Template, error) {
	all, err := c.SubscribeTemplates(ctx)
	for i := range all {
		if all[i].Type == 0 { // an odd answer: the type is what tells the kinds apart
			all[i].Type = wechat.OneTime
		}
	}
	return all, err
}

// Compose writes what gettemplate answers: a line for each keyword, its key made of its type and its id.
func (subscribe) Compose(keywords []wechat.Keyword) (content, example string) {
	var c, e strings.Builder
	for _, k := range keywords {
		c.WriteString(k.Name + ":{{" + keyOf(k) + ".DATA}}\n")
		e.WriteString(k.Name + ":" + k.Example + "\n")
	}
	return c.String(), e.String()
}

func keyOf(k wechat.Keyword) string { return k.Rule + strconv.Itoa(k.ID) }

// Fields reads the lines of a template as those of Template are read: the name before a colon of either width, and
// its placeholder, {{thing4.DATA}}.
func (subscribe) Fields(t wechat.Template) []wechat.Field { return Template.Fields(t) }

func (subscribe) Lines(t wechat.Template) []Line { return Template.Lines(t) }

func (subscribe) Titled(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

func (k subscribe) Unlike(templateID string) string {
	if k.Titled(strings.TrimSpace(templateID)) {
		return "title_id"
	}
	return "gone"
}

func (subscribe) Send(ctx context.Context, c *wechat.Client, m wechat.Message) (msgID string, err error) {
	return c.SubscribeSend(ctx, plain(m))
}

func (subscribe) SendPath() string { return wechat.SubscribeSendPath }

func (subscribe) Body(m wechat.Message) []byte {
	body, _ := wechat.SubscribeMessage(plain(m)).MarshalJSON() // which has no error
	return body
}

func (subscribe) Pretty(m wechat.Message) string { return wechat.SubscribeMessage(plain(m)).Pretty() }

// plain is m without colours: WeChat ignores them.
func plain(m wechat.Message) wechat.Message {
	m.Data = slices.Clone(m.Data)
	for i := range m.Data {
		m.Data[i].Color = ""
	}
	return m
}

func (subscribe) Foreign(m wechat.Message) string {
	switch {
	case m.FormID != "":
		return "form_id"
	case m.Emphasis != "":
		return "emphasis_keyword"
	}
	return ""
}

// Add adds a combination. WeChat refuses one that is there already and says its id (200022): one that was not there
// before is the answer to an addition that was lost, or somebody else's of the same moment.
func (k subscribe) Add(
	ctx context.Context, c *wechat.Client, before []string, x Combination,
) (templateID string, err error) {
	id, err := c.AddSubscribeTemplate(ctx, x.Title.ID, x.KeywordIDs, x.Scene)
	same, refused := errors.AsType[*wechat.Error](err)
	switch {
	case refused && same.TemplateID != "" && !slices.Contains(before, same.TemplateID):
		return same.TemplateID, nil
	case wechat.Uncertain(err):
		return findNew(ctx, k, c, err, before, x)
	case err != nil:
		return "", err
	}
	return id, nil
}

func (k subscribe) Delete(ctx context.Context, c *wechat.Client, templateID string) error {
	return confirmGone(ctx, k, c, c.DeleteSubscribeTemplate(ctx, templateID), templateID)
}

// New compares keyword ids, which stand in the keys, in any order: that WeChat keeps the order is assumed.
func (k subscribe) New(now []wechat.Template, before []string, x Combination) []string {
	wanted := slices.Sorted(slices.Values(x.KeywordIDs))
	return newOf(now, before, func(t wechat.Template) bool {
		return t.Title == x.Title.Text && slices.Equal(slices.Sorted(slices.Values(KeywordIDs(t))), wanted)
	})
}

// KeywordIDs are the ids of a subscribe template's keywords, read off their keys; nil where one has none.
func KeywordIDs(t wechat.Template) (ids []int) {
	for _, f := range Subscribe.Fields(t) {
		id, err := strconv.Atoi(f.Key[len(values.TypeOf(f.Key)):])
		if err != nil {
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}
