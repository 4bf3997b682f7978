package wechat

import "context"

var (
	templateAdd  = endpoint{"template/add", "/cgi-bin/wxopen/template/add"}
	templateList = endpoint{"template/list", "/cgi-bin/wxopen/template/list"}
	templateDel  = endpoint{"template/del", "/cgi-bin/wxopen/template/del"}
)

// AddTemplate adds a combination to the account (模版消息管理 3): 1 to MaxKeywords keyword
// ids in the order they shall be shown. An error may be Uncertain: see AddConfirmed.
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
	outcome
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
		found[i] = Template(t)
	}
	return found, nil
}

type templates struct {
	outcome
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
	return nil, &CallError{Op: templateList.op, Kind: ErrTooLarge, Detail: "the list does not end"}
}

// DeleteTemplate takes a template off the account (模版消息管理 5).
func (c *Client) DeleteTemplate(ctx context.Context, templateID string) error {
	question := struct {
		TemplateID string `json:"template_id"`
	}{templateID}
	return c.post(ctx, templateDel, question, &outcome{})
}
