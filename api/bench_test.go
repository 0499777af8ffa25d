package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"stempel/api/apitest"
	"stempel/internal/credential"
	"stempel/internal/keys"
)

// BenchmarkScan scans over one connection, everything included but TLS. The
// figure of interest is allocs/op: what watches a request must not add any.
func BenchmarkScan(b *testing.B) {
	b.Run("look", func(b *testing.B) { benchmarkScan(b, ``) })
	b.Run("earn", func(b *testing.B) {
		benchmarkScan(b, `,"earn":{"purchase":{"ref":"%d","total":100,"currency":"EUR"}}`)
	})
}

func benchmarkScan(b *testing.B, earn string) {
	a := apitest.Boot(b, apitest.Terse)
	card := a.NewCard(b, a.Shop, a.Shop.Points).ID
	live := credential.NewLive(a.Ring.Signing(keys.Live))
	client := fasthttp.HostClient{Addr: strings.TrimPrefix(a.URL, "http://")}
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI(a.URL + "/v1/scans")
	request.Header.SetMethod(http.MethodPost)
	request.Header.SetContentType("application/json")
	request.Header.Set("Authorization", "Bearer "+a.Shop.Front.Token)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		token, _, err := live.Mint(card, a.Clock.Now())
		if err != nil {
			b.Fatal(err)
		}
		n++
		request.Header.Set("Idempotency-Key", token)
		body := fmt.Appendf(nil, `{"credential":%q`, token)
		if earn != "" {
			body = fmt.Appendf(body, earn, n)
		}
		request.SetBody(append(body, '}'))
		if err := client.Do(&request, &response); err != nil || response.StatusCode() != http.StatusOK {
			b.Fatalf("%d %s (%v)", response.StatusCode(), response.Body(), err)
		}
	}
}
