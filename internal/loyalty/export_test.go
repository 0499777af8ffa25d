package loyalty

// What the tables and properties of the outside tests look at directly.
var (
	Scale    = Rounding.scale
	Day      = day
	DayAfter = dayAfter
)

// What the tests of counts need.
var MonthOf = monthOf

func CountsOf(zone string) Counts { return pack(zone, nil) }

func (c Counts) Plus(zone string, more MonthCount) Counts {
	sum, _ := c.with(zone, more)
	return sum
}

func (c Counts) Both(other Counts) Counts {
	sum, _ := c.and(other)
	return sum
}
