package wechat

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Limits of subscribe messages, as the documentation states them.
const (
	MaxTitlesPage         = 30 // titles a page of getpubtemplatetitles
	MinSubscribeKeywords  = 2  // in one combination
	MaxSubscribeKeywords  = 5
	MaxScene              = 15         // characters of a scene description
	MaxSubscribeTemplates = 50         // in one account; assumed: older documents say 25, later ones name no number
	SubscribeQuota        = 10_000_000 // sends an account and day before 45009; with WeChat Pay it is three times that
)

// The types of a subscribe title or template.
const (
	OneTime  = 2 // each yes of a user allows one message
	LongTerm = 3 // one yes allows messages until it is taken back; for public services only
)

var (
	categories        = endpoint{"getcategory", "/wxaapi/newtmpl/getcategory"}
	subscribeTitles   = endpoint{"getpubtemplatetitles", "/wxaapi/newtmpl/getpubtemplatetitles"}
	subscribeKeywords = endpoint{"getpubtemplatekeywords", "/wxaapi/newtmpl/getpubtemplatekeywords"}
	subscribeAdd      = endpoint{"addtemplate", "/wxaapi/newtmpl/addtemplate"}
	subscribeList     = endpoint{"gettemplate", "/wxaapi/newtmpl/gettemplate"}
	subscribeDel      = endpoint{"deltemplate", "/wxaapi/newtmpl/deltemplate"}
)

// Category is a category of the account's; its titles are those that the account may use.
type Category struct{ ID, Name string }

// Categories gets the account's categories (getCategory). WeChat allows few such calls a day.
func (c *Client) Categories(ctx context.Context) ([]Category, error) {
	var a categoryList
	if err := c.get(ctx, categories, "", &a); err != nil {
		return nil, err
	}
	found := make([]Category, len(a.List.items))
	for i, e := range a.List.items {
		found[i] = Category{ID: string(e.ID), Name: e.Name}
	}
	return found, nil
}

type categoryList struct {
	answer
	List list[struct {
		ID   text   `json:"id"`
		Name string `json:"name"`
	}] `json:"data"`
}

func (a *categoryList) missing() string { return missingList(a.List.there, "data") }

// SubscribeTitles gets one page of the titles of some categories (getPubTemplateTitleList): start from 0,
// limit 1 to MaxTitlesPage. Arguments out of range are left for WeChat to refuse.
func (c *Client) SubscribeTitles(ctx context.Context, categoryIDs []string, start, limit int) (TitlePage, error) {
	ids := make([]string, len(categoryIDs))
	for i, id := range categoryIDs {
		ids[i] = url.QueryEscape(id) // the commas stand as they are, and no quotes: WeChat answers them with 200019
	}
	query := "ids=" + strings.Join(ids, ",") + "&start=" + strconv.Itoa(start) + "&limit=" + strconv.Itoa(limit)
	var a subscribeTitleList
	if err := c.get(ctx, subscribeTitles, query, &a); err != nil {
		return TitlePage{}, err
	}
	p := TitlePage{Titles: make([]Title, len(a.List.items)), Total: int(a.Count)}
	for i, t := range a.List.items {
		p.Titles[i] = Title{ID: string(t.ID), Text: t.Title, Type: int(t.Type)}
		if t.CategoryID != "" {
			p.Titles[i].Categories = []string{string(t.CategoryID)}
		}
	}
	if len(p.Titles) > 0 {
		p.Total = max(p.Total, start+len(p.Titles))
	}
	return p, nil
}

type subscribeTitleList struct {
	answer
	Count number `json:"count"`
	List  list[struct {
		ID         text   `json:"tid"`
		Title      string `json:"title"`
		Type       number `json:"type"`
		CategoryID text   `json:"categoryId"`
	}] `json:"data"`
}

func (a *subscribeTitleList) missing() string { return missingList(a.List.there, "data") }

// SubscribeKeywords gets the keywords of a title (getPubTemplateKeyWordsById).
func (c *Client) SubscribeKeywords(ctx context.Context, tid string) ([]Keyword, error) {
	var a subscribeKeywordList
	if err := c.get(ctx, subscribeKeywords, "tid="+url.QueryEscape(tid), &a); err != nil {
		return nil, err
	}
	keywords := make([]Keyword, len(a.List.items))
	for i, k := range a.List.items {
		keywords[i] = Keyword{ID: int(k.ID), Name: k.Name, Example: k.Example, Rule: k.Rule}
	}
	return keywords, nil
}

type subscribeKeywordList struct {
	answer
	List list[struct {
		ID      number `json:"kid"`
		Name    string `json:"name"`
		Example string `json:"example"`
		Rule    string `json:"rule"`
	}] `json:"data"`
}

func (a *subscribeKeywordList) missing() string { return missingList(a.List.there, "data") }

// AddSubscribeTemplate adds a combination to the account (addTemplate): keyword ids in the order they shall be
// shown, and a scene description of at most MaxScene characters. An error may be Uncertain.
func (c *Client) AddSubscribeTemplate(
	ctx context.Context, tid string, keywordIDs []int, scene string,
) (templateID string, err error) {
	question := struct {
		ID         string `json:"tid"`
		KeywordIDs []int  `json:"kidList"`
		Scene      string `json:"sceneDesc,omitempty"`
	}{tid, append([]int{}, keywordIDs...), scene}
	var a subscribeAdded
	err = c.post(ctx, subscribeAdd, question, &a)
	if same, ok := errors.AsType[*Error](err); ok {
		same.TemplateID = a.TemplateID
		return "", err
	}
	return a.TemplateID, err
}

type subscribeAdded struct {
	answer
	TemplateID string `json:"priTmplId"`
}

func (a *subscribeAdded) missing() string {
	if a.TemplateID == "" {
		return "priTmplId"
	}
	return ""
}

// SubscribeTemplates gets all templates of the account (getTemplateList). They tell neither tid nor keyword ids
// nor scene description.
func (c *Client) SubscribeTemplates(ctx context.Context) ([]Template, error) {
	var a subscribeTemplateList
	if err := c.get(ctx, subscribeList, "", &a); err != nil {
		return nil, err
	}
	found := make([]Template, len(a.List.items))
	for i, t := range a.List.items {
		found[i] = Template{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example, Type: int(t.Type)}
		for _, e := range t.Enums {
			key := strings.TrimSuffix(e.Key, ".DATA")
			found[i].Enums = append(found[i].Enums, Enum{Key: key, Values: e.Values})
		}
	}
	return found, nil
}

type subscribeTemplateList struct {
	answer
	List list[struct {
		ID      string `json:"priTmplId"`
		Title   string `json:"title"`
		Content string `json:"content"`
		Example string `json:"example"`
		Type    number `json:"type"`
		Enums   []struct {
			Key    string   `json:"keywordCode"`
			Values []string `json:"enumValueList"`
		} `json:"keywordEnumValueList"`
	}] `json:"data"`
}

func (a *subscribeTemplateList) missing() string { return missingList(a.List.there, "data") }

// DeleteSubscribeTemplate takes a template off the account (deleteTemplate).
func (c *Client) DeleteSubscribeTemplate(ctx context.Context, templateID string) error {
	question := struct {
		TemplateID string `json:"priTmplId"`
	}{templateID}
	return c.post(ctx, subscribeDel, question, &answer{})
}
