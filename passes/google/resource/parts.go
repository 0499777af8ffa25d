package resource

// CallbackOptions say where Google tells of passes that are saved and deleted.
type CallbackOptions struct {
	URL string `json:"url,omitempty"`
}

// MerchantLocation is a place at which phones show the pass, in degrees.
type MerchantLocation struct {
	Latitude  float64 `json:"latitude"` // 0 is a place
	Longitude float64 `json:"longitude"`
}

// SecurityAnimation moves on a pass, which no picture of it does.
type SecurityAnimation struct {
	AnimationType string `json:"animationType,omitempty"`
}

// PassConstraints say what a phone may do with a pass.
type PassConstraints struct {
	ScreenshotEligibility string `json:"screenshotEligibility,omitempty"`
}

// LoyaltyPoints are a number, or a word, with a label.
type LoyaltyPoints struct {
	Balance        *LoyaltyPointsBalance `json:"balance,omitempty"`
	Label          string                `json:"label,omitempty"`
	LocalizedLabel *LocalizedString      `json:"localizedLabel,omitempty"`
}

// LoyaltyPointsBalance is one of its fields. Google goes on showing the number before
// where a 0 is left out.
type LoyaltyPointsBalance struct {
	Int    *int64 `json:"int,omitempty"`
	String string `json:"string,omitempty"`
}

// Message is shown behind the pass, and phones may notify of it.
type Message struct {
	Body            string           `json:"body,omitempty"`
	Header          string           `json:"header,omitempty"`
	ID              string           `json:"id,omitempty"`
	LocalizedBody   *LocalizedString `json:"localizedBody,omitempty"`
	LocalizedHeader *LocalizedString `json:"localizedHeader,omitempty"`
	MessageType     string           `json:"messageType,omitempty"`
}

// TextModuleData is a text with a header.
type TextModuleData struct {
	Body            string           `json:"body,omitempty"`
	Header          string           `json:"header,omitempty"`
	ID              string           `json:"id,omitempty"`
	LocalizedBody   *LocalizedString `json:"localizedBody,omitempty"`
	LocalizedHeader *LocalizedString `json:"localizedHeader,omitempty"`
}

// RotatingBarcode is a barcode which the phone makes anew by itself.
type RotatingBarcode struct {
	TotpDetails  *RotatingBarcodeTotpDetails `json:"totpDetails,omitempty"`
	Type         string                      `json:"type,omitempty"`
	ValuePattern string                      `json:"valuePattern,omitempty"`
}

// RotatingBarcodeTotpDetails are how it does (RFC 6238).
type RotatingBarcodeTotpDetails struct {
	Algorithm    string                                      `json:"algorithm,omitempty"`
	Parameters   []*RotatingBarcodeTotpDetailsTotpParameters `json:"parameters,omitempty"`
	PeriodMillis int64                                       `json:"periodMillis,omitempty,string"`
}

// RotatingBarcodeTotpDetailsTotpParameters are one of its keys.
type RotatingBarcodeTotpDetailsTotpParameters struct {
	Key         string `json:"key,omitempty"`         // Base16
	ValueLength int64  `json:"valueLength,omitempty"` // in digits
}

// TimeInterval is when a pass is good.
type TimeInterval struct {
	End *DateTime `json:"end,omitempty"`
}

// DateTime is a moment as RFC 3339 has it.
type DateTime struct {
	Date string `json:"date,omitempty"`
}

// Image is a picture that Google fetches.
type Image struct {
	ContentDescription *LocalizedString `json:"contentDescription,omitempty"`
	SourceURI          *ImageURI        `json:"sourceUri,omitempty"`
}

// ImageURI is where it is.
type ImageURI struct {
	URI string `json:"uri,omitempty"`
}

// LocalizedString is a text in several languages.
type LocalizedString struct {
	DefaultValue     *TranslatedString   `json:"defaultValue,omitempty"`
	TranslatedValues []*TranslatedString `json:"translatedValues,omitempty"`
}

// TranslatedString is a text in one language (BCP 47).
type TranslatedString struct {
	Language string `json:"language,omitempty"`
	Value    string `json:"value,omitempty"`
}
