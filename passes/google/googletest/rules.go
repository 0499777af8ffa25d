package googletest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	api "google.golang.org/api/walletobjects/v1"
)

// What the reference pages of LoyaltyClass and LoyaltyObject ask for beside names
// and types.
var (
	idForm    = regexp.MustCompile(`^` + Issuer + `\.[A-Za-z0-9._-]{1,100}$`)
	tapForm   = regexp.MustCompile(`^[ -~]{1,250}$`)
	colorForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

const mostListed = 10 // messages, texts, shops

// checkClass holds that a class can stand as it is.
func checkClass(c *api.LoyaltyClass) error {
	switch {
	case !idForm.MatchString(c.Id):
		return fmt.Errorf("id %q is not %s.identifier", c.Id, Issuer)
	case c.IssuerName == "" || c.ProgramName == "":
		return errors.New("issuerName and programName are required")
	case c.ReviewStatus != "UNDER_REVIEW" && c.ReviewStatus != "DRAFT":
		return fmt.Errorf("invalid review status %q", c.ReviewStatus)
	case c.HexBackgroundColor != "" && !colorForm.MatchString(c.HexBackgroundColor):
		return fmt.Errorf("hexBackgroundColor %q is not #rrggbb", c.HexBackgroundColor)
	case len(c.MerchantLocations) > mostListed:
		return errors.New("more than 10 merchantLocations")
	case c.CallbackOptions != nil && !isHTTPS(c.CallbackOptions.Url):
		return fmt.Errorf("callbackOptions.url %q is not https", c.CallbackOptions.Url)
	case !oneOf(c.MultipleDevicesAndHoldersAllowedStatus, "MULTIPLE_HOLDERS", "ONE_USER_ALL_DEVICES", "ONE_USER_ONE_DEVICE"):
		return fmt.Errorf("unknown multipleDevicesAndHoldersAllowedStatus %q", c.MultipleDevicesAndHoldersAllowedStatus)
	case c.EnableSmartTap != (len(c.RedemptionIssuers) > 0):
		return errors.New("enableSmartTap and redemptionIssuers need each other")
	case c.ProgramLogo == nil:
		return errors.New("programLogo is required")
	}
	return errors.Join(checkImage(c.ProgramLogo), checkImage(c.HeroImage), checkText(c.LocalizedAccountNameLabel))
}

// checkObject holds that an object can stand as it is.
func checkObject(o *api.LoyaltyObject) error {
	switch {
	case !idForm.MatchString(o.Id):
		return fmt.Errorf("id %q is not %s.identifier", o.Id, Issuer)
	case !oneOf(o.State, "ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE") || o.State == "":
		return fmt.Errorf("unknown state %q", o.State)
	case len(o.Messages) > mostListed || len(o.TextModulesData) > mostListed:
		return errors.New("more than 10 messages or textModulesData")
	case !oneOf(o.NotifyPreference, "NOTIFY_ON_UPDATE"):
		return fmt.Errorf("unknown notifyPreference %q", o.NotifyPreference)
	case o.SmartTapRedemptionValue != "" && !tapForm.MatchString(o.SmartTapRedemptionValue):
		return errors.New("smartTapRedemptionValue is not of printable ASCII")
	case o.PassConstraints != nil && !oneOf(o.PassConstraints.ScreenshotEligibility, "ELIGIBLE", "INELIGIBLE"):
		return fmt.Errorf("unknown screenshotEligibility %q", o.PassConstraints.ScreenshotEligibility)
	}
	problems := []error{checkImage(o.HeroImage), checkInterval(o.ValidTimeInterval), checkRotating(o.RotatingBarcode)}
	for _, points := range []*api.LoyaltyPoints{o.LoyaltyPoints, o.SecondaryLoyaltyPoints} {
		if points != nil {
			problems = append(problems, checkText(points.LocalizedLabel))
		}
	}
	for _, m := range o.Messages {
		if !oneOf(m.MessageType, "TEXT", "TEXT_AND_NOTIFY") || m.Body == "" && m.LocalizedBody == nil {
			problems = append(problems, fmt.Errorf("a message of type %q, or without a body", m.MessageType))
		}
		problems = append(problems, checkText(m.LocalizedHeader), checkText(m.LocalizedBody))
	}
	for _, t := range o.TextModulesData {
		problems = append(problems, checkText(t.LocalizedHeader), checkText(t.LocalizedBody))
	}
	return errors.Join(problems...)
}

func checkRotating(b *api.RotatingBarcode) error {
	if b == nil {
		return nil
	}
	if b.Type != "QR_CODE" && b.Type != "PDF_417" {
		return fmt.Errorf("a rotating barcode cannot be %q", b.Type)
	}
	d := b.TotpDetails
	if d == nil || d.Algorithm != "TOTP_SHA1" || d.PeriodMillis <= 0 || len(d.Parameters) == 0 {
		return errors.New("rotatingBarcode.totpDetails is not whole")
	}
	for i, p := range d.Parameters {
		if key, err := hex.DecodeString(p.Key); err != nil || len(key) == 0 || p.ValueLength < 1 || p.ValueLength > 10 {
			return errors.New("a key of totpDetails is not Base16, or its length is not 1 to 10")
		}
		if !strings.Contains(b.ValuePattern, fmt.Sprintf("{totp_value_%d}", i)) {
			return fmt.Errorf("valuePattern does not use key %d", i)
		}
	}
	return nil
}

func checkImage(i *api.Image) error {
	if i == nil {
		return nil
	}
	if i.SourceUri == nil || !isHTTPS(i.SourceUri.Uri) {
		return errors.New("an image has no https address")
	}
	return checkText(i.ContentDescription)
}

func checkText(l *api.LocalizedString) error {
	if l == nil {
		return nil
	}
	for _, t := range append(slices.Clone(l.TranslatedValues), l.DefaultValue) {
		if t == nil || t.Language == "" || t.Value == "" {
			return errors.New("a localized text without a default value, or a translation without language or value")
		}
	}
	return nil
}

func checkInterval(i *api.TimeInterval) error {
	if i == nil {
		return nil
	}
	for _, end := range []*api.DateTime{i.Start, i.End} {
		if end == nil {
			continue
		}
		if _, err := time.Parse(time.RFC3339, end.Date); err != nil {
			return fmt.Errorf("%q is no time", end.Date)
		}
	}
	return nil
}

// oneOf takes a field that is not set too.
func oneOf(value string, known ...string) bool { return value == "" || slices.Contains(known, value) }

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != ""
}
