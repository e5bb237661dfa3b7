//! Dates of the calendar, in UTC.

/// Year, month, day.
type Date = (u64, u64, u64);
/// Hour, minute, second.
type TimeOfDay = (u64, u64, u64);

/// Date and time of so many seconds since 1970.
pub(crate) fn utc(seconds: u64) -> (Date, TimeOfDay) {
    let second = seconds % 86_400;
    (date(seconds / 86_400), (second / 3600, second / 60 % 60, second % 60))
}

/// Year, month and day of a day since 1970, in UTC. Years begin in March here, so that leap days come last.
fn date(days: u64) -> Date {
    const FROM_MARCH_OF_YEAR_0: u64 = 719_468;
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + FROM_MARCH_OF_YEAR_0;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (400 * era + year_of_era + year, month, day)
}
