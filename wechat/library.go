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
	outcome
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
	outcome
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
