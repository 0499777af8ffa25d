package artwork

// Size is that of a picture in pixels.
type Size struct{ Width, Height int }

// GoogleHero is the picture at the foot of a Google Wallet pass (developers.google.com,
// "Brand guidelines": 1032 × 336).
var GoogleHero = Size{1032, 336}

// AppleStrip is the picture behind the first fields of a store card, at a scale of
// 1, 2 or 3 (Wallet Developer Guide, "Pass Images": 375 × 123 points).
func AppleStrip(scale int) Size { return Size{375 * scale, 123 * scale} }

// AppleLogo is the box that a logo must fit (160 × 50 points).
func AppleLogo(scale int) Size { return Size{160 * scale, 50 * scale} }

// AppleIcon is the picture on the lock screen (29 × 29 points).
func AppleIcon(scale int) Size { return Size{29 * scale, 29 * scale} }
