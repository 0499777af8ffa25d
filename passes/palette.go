package passes

import (
	"time"

	"stempel/internal/loyalty"
)

// palettes are the colours of those who chose none, by template, and by kind for
// programs made from no template. Each passes Colors.Check.
var palettes = map[string]loyalty.Colors{
	"ice-cream":   colors("#fff0f3", "#4a1525", "#8c3a52", "#d6336c"),
	"car-wash":    colors("#0b3d66", "#ffffff", "#bfe0f7", "#4fc3f7"),
	"cafe":        colors("#3b2417", "#fff7ee", "#e2c4a6", "#e8a55a"),
	"pharmacy":    colors("#f0faf4", "#123524", "#2f6b4c", "#1f8f5c"),
	"supermarket": colors("#12512f", "#ffffff", "#cdebd6", "#ffc94d"),
	"fuel":        colors("#101820", "#ffffff", "#b8c4d0", "#ff6b35"),
	"restaurant":  colors("#3a1220", "#fff6ec", "#e6c3b0", "#e0a458"),
	"coalition":   colors("#123a5c", "#ffffff", "#c6dcf0", "#ffcf5c"),

	string(loyalty.Stamps):   colors("#1f2a44", "#ffffff", "#c3cce0", "#f4b942"),
	string(loyalty.Points):   colors("#f7f5f0", "#23303f", "#5a6673", "#2f6fb5"),
	string(loyalty.Discount): colors("#26322b", "#ffffff", "#c9d8cd", "#e0b84c"),
}

func colors(background, foreground, label, accent string) loyalty.Colors {
	read := func(text string) loyalty.Color {
		c, err := loyalty.ParseColor(text)
		if err != nil {
			panic(err)
		}
		return c
	}
	return loyalty.Colors{
		Background: read(background), Foreground: read(foreground), Label: read(label), Accent: read(accent),
	}
}

// brandOf is the merchant's brand, with what is missing made up for.
func brandOf(s *Subject) loyalty.Brand {
	brand := s.Brand
	brand.Changed = time.Time{} // shows nowhere
	if brand.Name == "" {
		brand.Name = s.Merchant.Name
	}
	if brand.Colors.IsZero() {
		palette, ok := palettes[s.Program.Template]
		if !ok {
			palette = palettes[string(s.Program.Kind)]
		}
		brand.Colors = palette
	}
	return brand
}
