package google

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/api/googleapi"

	"stempel/passes/google/resource"
)

// rest is as much of the Wallet API as passes need. Google's generated client looks for
// credentials in every place that Google has for them: this would bring gRPC and more
// into the program, two megabytes of it, and nothing would call them.
type rest struct {
	client *http.Client // has the account's token
	base   string       // ends in /walletobjects/v1/
}

// The resources of the API that passes are made of.
const (
	loyaltyClass  = "loyaltyClass"
	loyaltyObject = "loyaltyObject"
)

const (
	ownHost    = "https://walletobjects.googleapis.com"
	mostAnswer = 1 << 20 // bytes
)

// newRest talks to an endpoint, Google's when it is empty.
func newRest(client *http.Client, endpoint string) rest {
	if endpoint == "" {
		endpoint = ownHost
	}
	return rest{client: client, base: strings.TrimSuffix(endpoint, "/") + "/walletobjects/v1/"}
}

// insert makes a resource, and reads into answer what Google made of it. Errors:
// *googleapi.Error for an answer that is no success, others when there is none.
func (r rest) insert(ctx context.Context, kind string, sent, answer any) error {
	return r.call(ctx, http.MethodPost, kind, sent, answer)
}

// patch changes what a resource says. Errors are those of insert.
func (r rest) patch(ctx context.Context, kind, id string, sent, answer any) error {
	return r.call(ctx, http.MethodPatch, kind+"/"+url.PathEscape(id), sent, answer)
}

// read fetches a resource. Errors are those of insert.
func (r rest) read(ctx context.Context, kind, id string, answer any) error {
	return r.call(ctx, http.MethodGet, kind+"/"+url.PathEscape(id), nil, answer)
}

// announce adds a message to an object. Errors are those of insert.
func (r rest) announce(ctx context.Context, object string, m *resource.Message) error {
	var answer struct{} // says nothing new
	return r.call(ctx, http.MethodPost, loyaltyObject+"/"+url.PathEscape(object)+"/addMessage", &resource.AddMessageRequest{Message: m}, &answer)
}

func (r rest) call(ctx context.Context, method, path string, sent, answer any) error {
	body := []byte(nil)
	if sent != nil {
		var err error
		if body, err = json.Marshal(sent); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	response.Body = http.MaxBytesReader(nil, response.Body, mostAnswer)
	if err := googleapi.CheckResponse(response); err != nil {
		return err
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
