package api_test

import (
	"net/http"
	"testing"

	"stempel/api/apitest"
	contract "stempel/mobile-contracts"
)

// The contract is the same to everybody: packed to who reads that, plain to others.
func TestServedContract(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for accepted, coding := range map[string]string{"gzip": "gzip", "br": "", "identity": "", "gzip;q=0": ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/openapi.yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accepted) // so that the client unpacks nothing
		status, head, body := visit(t, request)
		want := contract.OpenAPI()
		if coding != "" {
			want = contract.Packed
		}
		if status != http.StatusOK || head.Get("Content-Encoding") != coding || head.Get("Vary") != "Accept-Encoding" || body != string(want) {
			t.Errorf("to who reads %q: %d %v, %d bytes", accepted, status, head, len(body))
		}
	}
}
