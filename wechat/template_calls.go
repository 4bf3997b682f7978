package wechat

import "context"

var (
	libraryList = endpoint{"library/list", "/cgi-bin/wxopen/template/library/list"}
	libraryGet  = endpoint{"library/get", "/cgi-bin/wxopen/template/library/get"}
)

// page is the question of both lists: offset from 0, count from 1 to MaxCount.
type page struct {
	Offset int `json:"offset"`
	Count  int `json:"count"`
}

// LibraryList gets one page of the title library (模版消息管理 1). Arguments out of range
// are left for WeChat to refuse.
func (c *Client) LibraryList(ctx context.Context, offset, count int) (TitlePage, error) {
	var a titleList
	if err := c.post(ctx, libraryList, page{offset, count}, &a); err != nil {
		return TitlePage{}, err
	}
	p := TitlePage{Titles: make([]Title, len(a.List.items))}
	for i, t := range a.List.items {
		p.Titles[i] = Title{ID: t.ID, Text: t.Title}
	}
	p.Total = max(int(a.Total), offset+len(p.Titles))
	if len(p.Titles) == 0 {
		p.Total = int(a.Total)
	}
	return p, nil
}

type titleList struct {
	answer
	List  list[titleEntry] `json:"list"`
	Total number           `json:"total_count"`
}

type titleEntry struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func (a *titleList) missing() string { return missingList(a.List.there, "list") }

// LibraryGet gets one title with its keywords (模版消息管理 2).
func (c *Client) LibraryGet(ctx context.Context, id string) (Title, error) {
	question := struct {
		ID string `json:"id"`
	}{id}
	var a keywordList
	if err := c.post(ctx, libraryGet, question, &a); err != nil {
		return Title{}, err
	}
	t := Title{ID: id, Text: a.Title, Keywords: make([]Keyword, len(a.List.items))}
	for i, k := range a.List.items {
		t.Keywords[i] = Keyword{ID: int(k.ID), Name: k.Name, Example: k.Example}
	}
	return t, nil
}

type keywordList struct {
	answer
	Title string             `json:"title"`
	List  list[keywordEntry] `json:"keyword_list"`
}

type keywordEntry struct {
	ID      number `json:"keyword_id"`
	Name    string `json:"name"`
	Example string `json:"example"`
}

func (a *keywordList) missing() string { return missingList(a.List.there, "keyword_list") }

// missingList keeps an answer without its list from passing for an empty one: a mirror
// of the library would be emptied, and a template taken for not added.
func missingList(there bool, name string) string {
	if there {
		return ""
	}
	return name
}

var (
	templateAdd  = endpoint{"template/add", "/cgi-bin/wxopen/template/add"}
	templateList = endpoint{"template/list", "/cgi-bin/wxopen/template/list"}
	templateDel  = endpoint{"template/del", "/cgi-bin/wxopen/template/del"}
)

// AddTemplate adds a combination to the account (模版消息管理 3): 1 to MaxKeywords keyword
// ids in the order they shall be shown. An error may be Uncertain: kind.Template.Add
// finds out then.
func (c *Client) AddTemplate(ctx context.Context, titleID string, keywordIDs []int) (templateID string, err error) {
	question := struct {
		ID         string `json:"id"`
		KeywordIDs []int  `json:"keyword_id_list"`
	}{titleID, keywordIDs}
	var a added
	if err := c.post(ctx, templateAdd, question, &a); err != nil {
		return "", err
	}
	return a.TemplateID, nil
}

type added struct {
	answer
	TemplateID string `json:"template_id"`
}

func (a *added) missing() string {
	if a.TemplateID == "" {
		return "template_id"
	}
	return ""
}

// ListTemplates gets one page of the account's templates (模版消息管理 4). WeChat does not
// tell how many there are.
func (c *Client) ListTemplates(ctx context.Context, offset, count int) ([]Template, error) {
	var a templates
	if err := c.post(ctx, templateList, page{offset, count}, &a); err != nil {
		return nil, err
	}
	found := make([]Template, len(a.List.items))
	for i, t := range a.List.items {
		found[i] = Template{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example}
	}
	return found, nil
}

type templates struct {
	answer
	List list[templateEntry] `json:"list"`
}

type templateEntry struct {
	ID      string `json:"template_id"`
	Title   string `json:"title"`
	Content string `json:"content"`
	Example string `json:"example"`
}

func (a *templates) missing() string { return missingList(a.List.there, "list") }

// maxPages bounds AllTemplates against a list without end. It is far beyond MaxTemplates.
const maxPages = 500

// AllTemplates gets every template of the account, each once, page by page until a page
// is not full or brings nothing new (an upstream that ignores offset would never end).
// A list of more than maxPages is ErrTooLarge: the half of it would pass for the whole.
func (c *Client) AllTemplates(ctx context.Context) ([]Template, error) {
	var all []Template
	seen := make(map[string]bool)
	for offset := 0; offset < maxPages*MaxCount; offset += MaxCount {
		page, err := c.ListTemplates(ctx, offset, MaxCount)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, t := range page {
			if !seen[t.ID] {
				seen[t.ID] = true
				all = append(all, t)
			}
		}
		if len(page) < MaxCount || len(all) == before {
			return all, nil
		}
	}
	return nil, &CallError{Op: templateList.op, Err: ErrTooLarge, Detail: "the list does not end"}
}

// DeleteTemplate takes a template off the account (模版消息管理 5).
func (c *Client) DeleteTemplate(ctx context.Context, templateID string) error {
	question := struct {
		TemplateID string `json:"template_id"`
	}{templateID}
	return c.post(ctx, templateDel, question, &answer{})
}
