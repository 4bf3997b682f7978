package search

import (
	"sync"

	"muban/wechat"
)

// Kept is an index of what changes: it is built when it is first asked for, and again when
// its version is another. T is what belongs to it and was read together with it. A Kept is
// safe for concurrent use; its zero value is ready.
type Kept[V comparable, T any] struct {
	mu      sync.Mutex
	version V
	index   *Index // nil: nothing was read yet
	beside  T
}

// Get answers the index of this version. An error is read's, and leaves what there was.
func (k *Kept[V, T]) Get(version V, read func() ([]wechat.Title, T, error)) (*Index, T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.index != nil && k.version == version {
		return k.index, k.beside, nil
	}
	titles, beside, err := read()
	if err != nil {
		var none T
		return nil, none, err
	}
	k.version, k.index, k.beside = version, NewIndex(titles), beside
	return k.index, k.beside, nil
}
