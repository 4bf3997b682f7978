package search_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"muban/wechat"
	"muban/wechat/search"
)

func TestAKeptIndexIsReadOnceAVersion(t *testing.T) {
	var kept search.Kept[int, string]
	var reads atomic.Int32
	get := func(version int) string {
		index, beside, err := kept.Get(version, func() ([]wechat.Title, string, error) {
			reads.Add(1)
			return ownTitles()[:version], "the rest", nil
		})
		if err != nil || beside != "the rest" || index.Search(search.Query{}).Total != version {
			t.Errorf("version %d: %q, %v", version, beside, err)
		}
		return beside
	}
	var together sync.WaitGroup
	for range 20 {
		together.Go(func() { get(3) })
	}
	together.Wait()
	get(4)
	get(4)
	if n := reads.Load(); n != 2 {
		t.Errorf("read %d times for 2 versions", n)
	}
	broken := errors.New("broken")
	if _, _, err := kept.Get(5, func() ([]wechat.Title, string, error) { return nil, "", broken }); err != broken {
		t.Errorf("%v", err)
	}
	if get(4); reads.Load() != 2 {
		t.Error("an error took away what there was")
	}
}
