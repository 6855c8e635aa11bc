package policy

import "time"

// submitted reads when a claim was submitted, as an example of a round writes it: a day, or a day and a time of it. What it returns sorts as
// text among times written alike; exact says that the time of the day is told.
func submitted(text string) (stamp string, exact bool, err error) {
	const day = "2006-1-2"
	for _, layout := range []string{day, day + " 15:4", day + " 15:4:5"} {
		if at, bad := time.Parse(layout, text); bad == nil && at.Year() >= firstYear && at.Year() <= lastYear {
			return at.Format("2006-01-02 15:04:05"), layout != day, nil
		}
	}
	return "", false, faultf("提交时间应写日期，或日期和时间，例如 2026-03-01 或 2026-03-01 09:05")
}
