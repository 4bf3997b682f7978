package kind

import "muban/wechat"

type sub struct{}

var Subscribe sub

func (sub) Library(c *wechat.Client) Library { return &categories{client: c} }
