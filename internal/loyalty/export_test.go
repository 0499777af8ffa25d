package loyalty

// What the tables and properties of the outside tests look at directly.
var (
	Scale    = Rounding.scale
	Day      = day
	DayAfter = dayAfter
)
