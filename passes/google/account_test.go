package google_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"stempel/passes/google"
)

func TestReadAccountRefuses(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	good := s.google.AccountFile()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) []byte {
		fields := map[string]string{}
		if err := json.Unmarshal(good, &fields); err != nil {
			t.Fatal(err)
		}
		fields[name] = value
		file, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	weakPEM := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(weak)})
	tests := map[string]struct {
		file []byte
		want string
	}{
		"not JSON":       {[]byte("key"), "not the JSON file"},
		"another kind":   {with("type", "authorized_user"), "not the JSON file"},
		"no e-mail":      {with("client_email", ""), "client_email"},
		"no key":         {with("private_key", ""), "private_key"},
		"a damaged key":  {bytes.Replace(good, []byte("PRIVATE"), []byte("PUBLIC"), 1), "private_key"},
		"a weak key":     {with("private_key", string(weakPEM)), "1024 bits"},
		"a strange host": {with("token_uri", "token"), "token_uri"},
	}
	for name, test := range tests {
		_, err := google.ReadAccount(test.file)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
