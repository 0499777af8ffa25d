package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// fakeCollector keeps the spans that it is sent, by name.
type fakeCollector struct {
	mu       sync.Mutex
	spans    map[string]otlpSpan
	services map[string]bool
	wrong    []string
}

func (f *fakeCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var got otlpTraces
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" ||
		r.Header.Get("Content-Type") != "application/json" {
		f.wrong = append(f.wrong, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type"))
	}
	for _, resource := range got.ResourceSpans {
		for _, attribute := range resource.Resource.Attributes {
			if attribute.Key == "service.name" {
				f.services[attribute.Value["stringValue"].(string)] = true
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				f.spans[span.Name] = span
			}
		}
	}
}

// A server that is given a collector sends it the trace of a scan, all of it
// before it ends.
func TestTracesReachTheCollector(t *testing.T) {
	fake := &fakeCollector{spans: map[string]otlpSpan{}, services: map[string]bool{}}
	receiver := httptest.NewServer(fake)
	defer receiver.Close()
	defer leaks(t)()
	on := anyPort()
	on.OTLPEndpoint = receiver.URL + "/"
	s := bootAt(t, in(t.TempDir()), on)
	h := openShop(t, s)
	if got := h.stamp(t, h.token(t, h.card(t))); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := h.stamp(t, "nothing"); got.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", got.status, got.body)
	}
	closeServer(t, s)

	if len(fake.wrong) > 0 || !fake.services["stempel"] {
		t.Errorf("wrong: %v, services %v", fake.wrong, fake.services)
	}
	batch, write, post := fake.spans["post batch"], fake.spans["database write"], fake.spans["post"]
	if batch.Parent != post.SpanID || write.Parent != batch.SpanID || write.TraceID != post.TraceID || post.Parent == "" {
		t.Errorf("no chain: %+v", fake.spans)
	}
	hex, number := regexp.MustCompile("^[0-9a-f]{32}$"), regexp.MustCompile("^[0-9]{19}$")
	if !hex.MatchString(batch.TraceID) || len(batch.SpanID) != 16 || !number.MatchString(batch.Start) || batch.End < batch.Start {
		t.Errorf("not the protocol's form: %+v", batch)
	}
	request, err := json.Marshal(fake.spans["POST /v1/scans"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"kind":2`, `{"key":"http.route","value":{"stringValue":"/v1/scans"}}`, `{"key":"http.response.status_code","value":{"intValue":"422"}}`,
	} {
		if !strings.Contains(string(request), want) {
			t.Errorf("%s does not tell %s", request, want)
		}
	}
}

// A collector that is away keeps nobody waiting and stops nothing.
func TestALostCollectorStopsNothing(t *testing.T) {
	on := anyPort()
	on.OTLPEndpoint = "http://" + deadAddress(t)
	s := bootAt(t, in(t.TempDir()), on)
	openShop(t, s).visit(t)
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
