package apitest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Tablet is a device at a till that goes on without a network. It is not for
// several goroutines.
type Tablet struct {
	Till    Till
	Queue   loyalty.QueueID
	Counter int64
	Contact string
	Lease   string
	Behind  time.Duration // how far its own clock is behind what it takes for the server's
	key     *ecdsa.PrivateKey
}

// NewTablet registers a queue of a till, as a till does while it has a network.
func (a *API) NewTablet(t testing.TB, till Till) *Tablet {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tablet := &Tablet{Till: till, key: key}
	queue := Read[gen.Queue](t, a.Do(t, Call{Path: "/v1/till/queues", Token: till.Token, Body: Map{"public_key": tablet.JWK(t)}}))
	tablet.Queue, tablet.Counter = queue.Queue, queue.NextCounter-1
	a.Contact(t, tablet)
	return tablet
}

// JWK is the public half of the tablet's key.
func (d *Tablet) JWK(t testing.TB) Map {
	t.Helper()
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return Map{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}
}

// Contact lets a tablet hear of the server.
func (a *API) Contact(t testing.TB, d *Tablet) {
	t.Helper()
	setup := Read[gen.TillSetup](t, a.Do(t, Call{Method: http.MethodGet, Path: "/v1/till", Token: d.Till.Token}))
	d.Contact = setup.Offline.Contact
}

// TakeLease lets a tablet redeem offline.
func (a *API) TakeLease(t testing.TB, d *Tablet) gen.Lease {
	t.Helper()
	lease := Read[gen.Lease](t, a.Do(t, Call{Path: "/v1/till/leases", Token: d.Till.Token}))
	d.Lease = lease.Lease
	return lease
}

// State makes a statement of a voucher, as the customer's phone shows it.
func (a *API) State(t testing.TB, shop *Shop, card loyalty.CardID, voucher loyalty.VoucherID) string {
	t.Helper()
	path := "/v1/cards/" + card.String() + "/vouchers/" + voucher.String() + "/statements"
	return Read[gen.VoucherStatement](t, a.Do(t, Call{Path: path, Token: shop.App})).Statement
}

// Earn queues what a customer earns. More replaces or adds members of the item.
func (d *Tablet) Earn(t testing.TB, credential string, at time.Time, more ...Map) string {
	t.Helper()
	return d.item(t, at, append([]Map{{"credential": credential, "do": "earn", "units": 1}}, more...))
}

// Redeem queues a reward that was handed out.
func (d *Tablet) Redeem(t testing.TB, credential, statement string, voucher loyalty.VoucherID, at time.Time, more ...Map) string {
	t.Helper()
	return d.item(t, at, append([]Map{{
		"credential": credential, "do": "redeem", "voucher": voucher, "statement": statement, "lease": d.Lease,
	}}, more...))
}

func (d *Tablet) item(t testing.TB, at time.Time, members []Map) string {
	t.Helper()
	d.Counter++
	payload := Map{
		"queue": d.Queue, "counter": d.Counter, "captured": at.Add(-d.Behind).UnixMilli(), "contact": d.Contact, "channel": "camera",
	}
	for _, more := range members {
		for name, value := range more {
			if payload[name] = value; value == nil {
				delete(payload, name)
			}
		}
	}
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return d.Sign(t, `{"alg":"ES256","typ":"stempel-offline+jwt"}`, string(body))
}

// Sign makes an item of any header and payload.
func (d *Tablet) Sign(t testing.TB, header, payload string) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(payload))
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, d.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature[:])
}

// Restored is a tablet that was restored from a copy of this one.
func (d *Tablet) Restored() *Tablet {
	copied := *d
	return &copied
}

// Sync sends items of a tablet.
func (a *API) Sync(t testing.TB, d *Tablet, items ...string) []gen.SyncResult {
	t.Helper()
	call := Call{Path: "/v1/till/sync", Token: d.Till.Token, Body: Map{"items": items}}
	return Read[gen.SyncResults](t, a.Do(t, call)).Results
}
