package google

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/google/resource"
)

// states are Google's names of ours: what cannot be used any longer moves to the
// wallet's expired passes.
var states = map[passes.State]string{
	passes.Active: "ACTIVE", passes.Blocked: "INACTIVE", passes.Expired: "EXPIRED", passes.Merged: "COMPLETED",
	passes.Ended: "INACTIVE",
}

// Properties of the rotating code, as scanner reads it (RFC 6238).
const (
	codePeriod = 30_000 // ms
	codeDigits = 8
)

// object is how a pass looks. Everything that another face may not have is named
// in Nulls where this one has it not, so that a patch takes it away.
func (w *Wallet) object(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (*resource.LoyaltyObject, error) {
	o := &resource.LoyaltyObject{
		ID:                     w.issuer.Object(pass.ID),
		ClassID:                w.issuer.Class(pass.Program),
		State:                  states[f.State],
		AccountName:            f.Holder,
		LoyaltyPoints:          progress(f),
		SecondaryLoyaltyPoints: points(f, ready(f), func(t *passes.Texts) string { return t.ReadyLabel }),
		HeroImage:              picture(w.images.Hero(f), "", localized(f, func(t *passes.Texts) string { return t.Description })),
		TextModulesData:        texts(f),
		Messages:               messages(f),
		PassConstraints:        &resource.PassConstraints{ScreenshotEligibility: "INELIGIBLE"},
	}
	if f.Kind == loyalty.Discount && len(f.Ready) == 0 {
		o.SecondaryLoyaltyPoints = nil
	}
	if f.State == passes.Ended { // an empty card is nobody's either, but says so
		o.LoyaltyPoints, o.SecondaryLoyaltyPoints, o.HeroImage = nil, nil, nil
	}
	if !f.Ends.IsZero() {
		o.ValidTimeInterval = &resource.TimeInterval{End: &resource.DateTime{Date: f.Ends.UTC().Format(time.RFC3339)}}
	}
	if f.State == passes.Active {
		if err := w.addCodes(ctx, o, pass); err != nil {
			return nil, err
		}
	}
	o.Nulls = empty(map[string]bool{
		"accountName": o.AccountName == "", "loyaltyPoints": o.LoyaltyPoints == nil, "secondaryLoyaltyPoints": o.SecondaryLoyaltyPoints == nil,
		"heroImage": o.HeroImage == nil, "textModulesData": len(o.TextModulesData) == 0,
		"messages": len(o.Messages) == 0, "validTimeInterval": o.ValidTimeInterval == nil, "rotatingBarcode": o.RotatingBarcode == nil,
		"smartTapRedemptionValue": o.SmartTapRedemptionValue == "",
	})
	return o, nil
}

// addCodes adds what tills read of a pass that is good.
func (w *Wallet) addCodes(ctx context.Context, o *resource.LoyaltyObject, pass *loyalty.Pass) error {
	pattern, key, err := w.barcodes.Barcode(ctx, pass)
	if err != nil {
		return err
	}
	o.RotatingBarcode = rotating(pattern, key)
	if len(w.readers) > 0 {
		o.SmartTapRedemptionValue, err = w.barcodes.TapValue(ctx, pass)
	}
	return err
}

// empty are the names of fields that are.
func empty(fields map[string]bool) []string {
	maps.DeleteFunc(fields, func(_ string, isEmpty bool) bool { return !isEmpty })
	return slices.Sorted(maps.Keys(fields))
}

// progress is how far the card has come: a number, or a discount in words.
func progress(f *passes.Face) *resource.LoyaltyPoints {
	label := func(t *passes.Texts) string { return t.ProgressLabel }
	if f.Kind != loyalty.Discount {
		return points(f, f.Progress.Have, label)
	}
	return &resource.LoyaltyPoints{
		LocalizedLabel: localized(f, label), Label: label(f.In(f.Language)),
		Balance: &resource.LoyaltyPointsBalance{String: f.In(f.Language).Progress},
	}
}

// points is a number with a label.
func points(f *passes.Face, n int64, label func(*passes.Texts) string) *resource.LoyaltyPoints {
	return &resource.LoyaltyPoints{
		LocalizedLabel: localized(f, label), Label: label(f.In(f.Language)),
		Balance: &resource.LoyaltyPointsBalance{Int: &n},
	}
}

// ready is how many rewards can be had now.
func ready(f *passes.Face) (n int64) {
	for _, r := range f.Ready {
		n += int64(r.Count)
	}
	return n
}

// rotating is a barcode which the phone makes anew every 30 seconds by itself.
func rotating(pattern string, key []byte) *resource.RotatingBarcode {
	if pattern == "" {
		return nil
	}
	return &resource.RotatingBarcode{
		Type: "QR_CODE", ValuePattern: pattern,
		TotpDetails: &resource.RotatingBarcodeTotpDetails{
			Algorithm: "TOTP_SHA1", PeriodMillis: codePeriod,
			Parameters: []*resource.RotatingBarcodeTotpDetailsTotpParameters{
				{Key: hex.EncodeToString(key), ValueLength: codeDigits},
			},
		},
	}
}

// texts are the lines below the code; those that a face does not have are left
// out.
func texts(f *passes.Face) (list []*resource.TextModuleData) {
	for _, line := range []struct {
		id         string
		head, body func(*passes.Texts) string
	}{
		{"notice", func(t *passes.Texts) string { return t.NoticeLabel }, func(t *passes.Texts) string { return t.Notice }},
		{"next", func(t *passes.Texts) string { return t.NextLabel }, func(t *passes.Texts) string { return t.Next }},
		{"tier", func(t *passes.Texts) string { return t.TierLabel }, func(t *passes.Texts) string { return t.Tier }},
		{"tier-next", func(t *passes.Texts) string { return t.TierNextLabel }, func(t *passes.Texts) string { return t.TierNext }},
		{"ready", func(t *passes.Texts) string { return t.ReadyLabel }, func(t *passes.Texts) string { return t.Ready }},
		{"expiry", func(t *passes.Texts) string { return t.ExpiryLabel }, func(t *passes.Texts) string { return t.Expiry }},
	} {
		if body := localized(f, line.body); body != nil {
			list = append(list, &resource.TextModuleData{
				ID: line.id, LocalizedHeader: localized(f, line.head), LocalizedBody: body,
				Header: line.head(f.In(f.Language)), Body: line.body(f.In(f.Language)),
			})
		}
	}
	return list
}
